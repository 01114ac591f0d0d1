// What a host may say, and for how long. One that was taken over says anything, for ever; what is kept of it and waited for is bounded here.
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { defaultMaxOutputBytes } from "../../core/command";

/** Before the shell says hello: a message of the day has some KiB. */
export const maxNoiseBytes = 256 * 1024;
/** As much of that as a message shows. */
const shownNoiseBytes = 4096;
/** What all commands of one round trip print. */
export const maxTogetherBytes = 4 * defaultMaxOutputBytes;
/** What processes in the background say while no command runs. */
export const maxIdleBytes = defaultMaxOutputBytes;
/** More than the words of any frame take. */
export const maxFrameBytes = 100;
/** Some windows of a channel: what was on its way when we closed it. */
const maxBytesAfterClose = 8 * 1024 * 1024;
/** Answers of ours that a host asks for and does not read. */
const maxUnreadBytes = 8 * 1024 * 1024;
/** Questions of ours that it does not answer: signs of life, and proofs of the keys that it tells of. */
const maxOpenQuestions = 100;
/** Packets of ours that wait for the end of a key exchange. */
const maxQueuedPackets = 10_000;

/** What was said before the hello: its beginning, and how much it is. */
export function noiseKeeper() {
  let bytes = 0;
  let shown = Buffer.alloc(0);
  return {
    hear(chunk: Buffer) {
      bytes += chunk.length;
      if (shown.length < shownNoiseBytes) shown = Buffer.concat([shown, chunk]).subarray(0, shownNoiseBytes);
    },
    isTooMuch: () => bytes > maxNoiseBytes,
    text: () => shown.toString("utf8").trim(),
  };
}

interface Internals {
  _callbacks: unknown[];
  _protocol: { _queue?: unknown[] };
}

/** Watches what a host makes us keep that no channel bounds; `drop` ends the connection. Returns what ends the watch. */
export function watchConnection(client: Client, stream: Duplex, drop: (reason: string) => void): () => void {
  // Internal lists of ssh2.
  const { _callbacks: questions, _protocol: protocol } = client as unknown as Internals;
  const look = () => {
    if (stream.writableLength > maxUnreadBytes) drop("it asks and asks, and reads no answers");
    else if (questions.length > maxOpenQuestions) drop("it answers nothing that it is asked");
    else if ((protocol._queue?.length ?? 0) > maxQueuedPackets) drop("it begins a key exchange and does not end it");
  };
  stream.on("data", look);
  return () => stream.off("data", look);
}

/** Watches a channel that was closed: an honest host says no more than was on its way. */
export function watchClosed(outputs: readonly NodeJS.ReadableStream[], drop: (reason: string) => void): void {
  let bytes = 0;
  for (const output of outputs)
    output.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytesAfterClose) drop("it goes on talking in a channel that was closed");
    });
}
