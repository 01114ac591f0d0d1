// What a resident server says to one client: a script, written piece by piece into the client's FIFO.
import { closeSync, constants, existsSync, openSync, rmSync, writeSync } from "node:fs";

const retryMs = 2;

export interface Reply {
  write: (script: string) => void;
  end: (script: string) => void;
}

/** Opened when the client has, and only as long as there is one: opening a FIFO that nobody reads would wait for ever. */
export function replyTo(fifo: string, pid: string): Reply {
  let waiting = Buffer.alloc(0);
  let fd: number | undefined;
  let isLast = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  // Once and for all: the number of the file would soon be that of another client's.
  const close = () => {
    isClosed = true;
    if (fd !== undefined) closeSync(fd);
    rmSync(fifo, { force: true });
  };
  const flush = () => {
    timer = undefined;
    try {
      fd ??= openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
      while (waiting.length > 0) waiting = waiting.subarray(writeSync(fd, waiting));
      if (isLast) close();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isBusy = code === "EAGAIN" || (code === "ENXIO" && existsSync(`/proc/${pid}`));
      if (isBusy) timer = setTimeout(flush, retryMs);
      else close();
    }
  };
  const write = (script: string) => {
    if (isClosed) return;
    waiting = Buffer.concat([waiting, Buffer.from(script)]);
    if (timer === undefined) flush();
  };
  return {
    write,
    end: (script) => {
      isLast = true;
      write(script);
    },
  };
}
