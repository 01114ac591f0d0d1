/** The work, done when it is first asked for, and not again. Asked for ahead, it may fail when nobody waits for it any more. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    if (!done) {
      done = work();
      done.catch(() => {});
    }
    return done;
  };
}
