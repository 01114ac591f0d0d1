// A client may be killed while it is answered: a late command's caller is gone, and its output goes nowhere.
import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replyTo } from "../../src/sandbox/reply";

test("what is said to a client that has gone reaches nobody else, and ends nobody else's answer", () => {
  const dir = mkdtempSync(join(tmpdir(), "reply-test-"));
  const fifo = join(dir, "fifo");
  execFileSync("mkfifo", [fifo]);
  const client = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const reply = replyTo(fifo, String(process.pid));
  reply.write("echo first\n");
  closeSync(client);
  reply.write("echo second\n");
  expect(existsSync(fifo)).toBe(false);
  // Each has the number of the file that was closed, were it used again.
  const others = Array.from({ length: 4 }, (_, index) => openSync(join(dir, `other${index}`), "w"));
  reply.write("echo third\n");
  reply.end("exit 0\n");
  for (const other of others) closeSync(other);
  expect(others.map((_, index) => readFileSync(join(dir, `other${index}`), "utf8"))).toEqual(["", "", "", ""]);
  rmSync(dir, { recursive: true });
});
