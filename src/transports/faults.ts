// Ways in which a host is not reached.
import { coreFaults, faultsOf, type Meaning } from "../core/errors";

export const connectionFaults = {
  SECRET_MISSING: {
    exit: 2,
    summary: "a secret that the connection refers to is not there",
    fix: "set the environment variable, or name the file, for the process that runs Terraform",
  },
  CANNOT_CONNECT: {
    exit: 5,
    summary: "the host cannot be reached over SSH",
    fix: "see what it said; try `ssh -v` with the same user, host and port",
  },
  HOST_KEY_UNKNOWN: {
    exit: 5,
    summary: "the host's key is not known, so it may be anybody",
    fix: "compare the fingerprint with the one that the host's administrator names, then add the line above, or set hostKey",
  },
  HOST_KEY_CHANGED: {
    exit: 5,
    summary: "the host shows another key than the known one: it may be somebody else",
    fix: "ask the host's administrator; only if the key was really changed, replace the line above",
  },
  HOST_KEY_REVOKED: {
    exit: 5,
    summary: "the host shows a key that was revoked",
    fix: "do not connect; ask the host's administrator for a new key",
  },
  AUTHENTICATION_FAILED: {
    exit: 5,
    summary: "the host does not let us in",
    fix: "see which ways were tried above; check user, key and its authorized_keys there",
  },
  LOGIN_SHELL: {
    exit: 5,
    summary: "the user's login shell does not start /bin/sh",
    fix: "give the user a login shell that runs commands, or let authorized_keys allow /bin/sh",
  },
  SUDO_REFUSED: {
    exit: 5,
    summary: "sudo does not run the command without a password",
    fix: "`sharewright sudoers` prints the rules that the user needs",
  },
} as const satisfies Record<string, Meaning>;

export const fault = faultsOf({ ...coreFaults, ...connectionFaults });
