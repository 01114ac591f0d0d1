// A command that hangs: it ends only when it is killed, like a client that waits for a dead OST.

export function forever(): Promise<never> {
  return new Promise(() => {
    setInterval(() => {}, 1 << 30);
  });
}
