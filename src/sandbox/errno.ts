// The errno values that lfs, lctl and mount answer with, and the words that strerror(3) has for them.

export const EPERM = 1;
export const ENOENT = 2;
export const EIO = 5;
export const E2BIG = 7;
export const EAGAIN = 11;
export const EACCES = 13;
export const EEXIST = 17;
export const EXDEV = 18;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EINVAL = 22;
export const ENOTTY = 25;
export const EROFS = 30;
export const ERANGE = 34;
export const ENAMETOOLONG = 36;
export const ENODATA = 61;
export const EOPNOTSUPP = 95;
export const EDQUOT = 122;

const words: Readonly<Record<number, string>> = {
  [EPERM]: "Operation not permitted",
  [ENOENT]: "No such file or directory",
  [EIO]: "Input/output error",
  [E2BIG]: "Argument list too long",
  [EAGAIN]: "Resource temporarily unavailable",
  [EACCES]: "Permission denied",
  [EEXIST]: "File exists",
  [EXDEV]: "Invalid cross-device link",
  [ENODEV]: "No such device",
  [ENOTDIR]: "Not a directory",
  [EINVAL]: "Invalid argument",
  [ENOTTY]: "Inappropriate ioctl for device",
  [EROFS]: "Read-only file system",
  [ERANGE]: "Numerical result out of range",
  [ENAMETOOLONG]: "File name too long",
  [ENODATA]: "No data available",
  [EOPNOTSUPP]: "Operation not supported",
  [EDQUOT]: "Disk quota exceeded",
};

export function strerror(errno: number): string {
  return words[errno] ?? `Unknown error ${errno}`;
}

/** Usage errors of lfs and lctl 2.17 (CMD_HELP): a reason on stderr, the usage on stdout (reference: exit codes and streams). */
export const CMD_HELP = 4;
