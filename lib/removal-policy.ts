/** What happens to the data of a share that is removed from the code (or destroyed with its stack). Access is closed first in every case. */
export enum RemovalPolicy {
  /** Data and limit stay where they are, as does the project id or the volume, marked as unowned; `adopt` takes them back. */
  RETAIN = "retain",

  /**
   * The data is set aside: a Lustre directory moves into the trash of its file system, keeping its quota; a GlusterFS volume is stopped
   * and marked. `sharewright trash` restores or purges it.
   */
  TRASH = "trash",

  /**
   * The data is deleted for good. On Lustre, quota and project id are freed then; on GlusterFS, a volume of the pool is emptied and goes
   * back to the pool, and one that was made or cloned is deleted with its bricks.
   */
  DESTROY = "destroy",
}
