/** What happens to the data of a share that is removed from the code (or destroyed with its stack). Access is closed first in every case. */
export enum RemovalPolicy {
  /** Data, quota and project id stay where they are, marked as unowned; `adopt` takes them back. */
  RETAIN = "retain",

  /** The directory moves into the trash of the file system, keeping its quota; `sharewright trash` restores or purges it. */
  TRASH = "trash",

  /** The data is deleted for good, then quota and project id are freed. */
  DESTROY = "destroy",
}
