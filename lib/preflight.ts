/** What a hook does when the storage is not set up so that limits and access hold. */
export enum Preflight {
  /** Nothing is changed, and the hook fails with what is missing. */
  ENFORCE = "enforce",

  /** What is missing is reported, and the hook goes on. */
  WARN = "warn",
}
