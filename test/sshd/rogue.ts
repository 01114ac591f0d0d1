// What a host that was taken over says in the place of a shell: it knows all that an honest one knows, the secret of the frames included.
import type { Writable } from "node:stream";
import type { Connection, ServerChannel } from "ssh2";

/** Far more than anybody may be made to keep; where it ends by itself the test has failed. */
export const floodBytes = 256 * 1024 * 1024;

/** How much has been sent of all floods together. */
export interface Sent {
  bytes: number;
}

/** Says something for ever, as fast as it is read. */
export function flood(to: Writable, text: string | Buffer, sent: Sent): void {
  const chunk = Buffer.from(text);
  let isOpen = true;
  const end = () => {
    isOpen = false;
  };
  to.once("close", end).on("error", end);
  const go = (): void => {
    for (let turns = 0; turns < 8; turns += 1) {
      if (!isOpen || to.destroyed || !to.writable || sent.bytes > floodBytes) return;
      sent.bytes += chunk.length;
      if (!to.write(chunk)) return void to.once("drain", go);
    }
    setImmediate(go);
  };
  go();
}

export interface RogueShell {
  channel: ServerChannel;
  out(text: string): void;
  err(text: string): void;
  /** The line that ends an answer, of which only the shell should know how. */
  frame(...words: (string | number)[]): string;
}

/** Plays a shell that has read the first text. `commanded` hears of what is asked of it then. */
export function rogueShell(channel: ServerChannel, speak: (shell: RogueShell) => void, commanded?: (shell: RogueShell) => void) {
  let heard = "";
  let shell: RogueShell | undefined;
  channel.on("error", () => {});
  channel.on("data", (data: Buffer) => {
    if (shell) {
      commanded?.(shell);
      commanded = undefined;
      return;
    }
    heard += data.toString();
    const [, nonce] = /nonce=([0-9a-f]{32})/.exec(heard) ?? [];
    if (nonce === undefined || !heard.endsWith("frame\n")) return;
    shell = {
      channel,
      out: (text) => channel.write(text),
      err: (text) => channel.stderr.write(text),
      frame: (...words) => `\n${nonce} ${words.join(" ")}\n`,
    };
    speak(shell);
  });
}

/** Plays a shell that says hello, and speaks when it is asked for something. */
export function greetingShell(channel: ServerChannel, speak: (shell: RogueShell) => void): void {
  const greet = ({ out, err, frame }: RogueShell) => {
    out(frame(0, "hello", 4711));
    err(frame(0, "hello", 4711));
  };
  rogueShell(channel, greet, speak);
}

/** A packet such as no honest server sends, by the internals of ssh2. */
export function sendPacket(connection: Connection, payload: Buffer): void {
  const { _protocol: protocol } = connection as unknown as {
    _protocol: {
      _packetRW: { write: { allocStart: number; alloc(bytes: number): Buffer; finalize(packet: Buffer): Buffer } };
      _cipher: { encrypt(packet: Buffer): void };
    };
  };
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  payload.copy(packet, write.allocStart);
  protocol._cipher.encrypt(write.finalize(packet));
}

/** A string of the protocol. */
export function sshText(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
