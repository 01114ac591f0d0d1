import { expect, test } from "vitest";
import { silentLog, textLog } from "../../src/core/log";

function sink() {
  const texts = { stdout: "", stderr: "" };
  return {
    texts,
    stdout: (text: string) => {
      texts.stdout += text;
    },
    stderr: (text: string) => {
      texts.stderr += text;
    },
  };
}

test("a line a step and a note on stdout; commands only when asked for, on stderr", () => {
  const [quiet, loud] = [sink(), sink()];
  for (const [to, debug] of [
    [quiet, false],
    [loud, true],
  ] as const) {
    const log = textLog(to, debug);
    log.step("make nodemap sw_x");
    log.note("left alone");
    log.debug("lctl dl -> 0");
  }
  expect(quiet.texts).toEqual({ stdout: "  make nodemap sw_x\n  note: left alone\n", stderr: "" });
  expect(loud.texts).toEqual({ stdout: quiet.texts.stdout, stderr: "  debug: lctl dl -> 0\n" });
});

test("what a host says stays on the line that it is quoted in, and does nothing to the terminal", () => {
  const to = sink();
  const log = textLog(to, true);
  for (const tell of [log.step, log.note, log.debug]) tell("said a\u001b[2K\u009b1m\r\n  note: all is well\n\rb\tc\u0007");
  const line = "said a?[2K?1m; note: all is well; b\tc?\n";
  expect(to.texts).toEqual({ stdout: `  ${line}  note: ${line}`, stderr: `  debug: ${line}` });
});

test("the silent log keeps notes for whoever asks", () => {
  const notes: string[] = [];
  const log = silentLog(notes);
  log.step("x");
  log.note("y");
  log.debug("z");
  expect(notes).toEqual(["y"]);
});
