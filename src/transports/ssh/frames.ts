// Tells apart what the commands of one shell print: a stream of bytes, cut by lines that only that shell can write.
import { maxFrameBytes } from "./bounds";

/** The bytes of one stream, with the frames that end each command's share of it. */
export interface FrameListener {
  data(bytes: Buffer): void;
  /** The words of the line that follow the nonce. */
  frame(words: string[]): void;
  /** A frame was begun that does not end where it has to; nothing is read any more. */
  broken(): void;
}

/**
 * Reads frames of the form "\n<nonce> WORDS\n". The first line feed belongs to the frame, so output keeps its end as it is, with a line feed
 * or without. What could be the beginning of a frame is held back until more is known; nothing else is, because deadlines hear from it.
 */
export function frameReader(nonce: string, { data, frame, broken }: FrameListener): (chunk: Buffer) => void {
  const marker = Buffer.from(`\n${nonce} `);
  let held: Buffer = Buffer.alloc(0);
  let isBroken = false;
  /** What remains behind the first frame; undefined if there is no whole one. */
  const take = (bytes: Buffer): Buffer | undefined => {
    const start = bytes.indexOf(marker);
    const words = start + marker.length;
    const end = start < 0 ? -1 : bytes.subarray(0, words + maxFrameBytes).indexOf("\n", words);
    if (start >= 0 && end < 0 && bytes.length >= words + maxFrameBytes) {
      isBroken = true;
      broken();
      return undefined;
    }
    if (end < 0) {
      const keepFrom = start < 0 ? possibleStart(bytes, marker) : start;
      if (keepFrom > 0) data(bytes.subarray(0, keepFrom));
      held = bytes.subarray(keepFrom);
      return undefined;
    }
    if (start > 0) data(bytes.subarray(0, start));
    frame(bytes.toString("latin1", words, end).split(" "));
    return bytes.subarray(end + 1);
  };
  return (chunk) => {
    if (isBroken) return;
    let rest: Buffer | undefined = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    while (rest) rest = take(rest);
  };
}

/** Where a marker begins that is not yet whole; the length if nowhere. A marker has its only line feed in front. */
function possibleStart(bytes: Buffer, marker: Buffer): number {
  const at = bytes.lastIndexOf("\n");
  const possible =
    at >= 0 && bytes.length - at < marker.length && marker.subarray(0, bytes.length - at).equals(bytes.subarray(at));
  return possible ? at : bytes.length;
}
