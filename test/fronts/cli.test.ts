// What every command has in common: help, exit codes, documents, completion; and the tables that they print.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandHelp } from "../../src/fronts/commands/help";
import { bar, percent, table } from "../../src/fronts/commands/table";
import { terminalOf } from "../../src/fronts/commands/terminal";
import { exitCodes } from "../../src/fronts/exit-codes";
import { faults } from "../faults";
import { runCli } from "./support";

const run = (...args: string[]) => runCli(args, {}, "/nowhere");

describe("every command", () => {
  test.each(commandHelp().filter(([command]) => !/completion|sandbox/.test(command)))(
    "%s has help, with --json and how it ends",
    (_, text) => {
      expect(text).toContain("--json");
      expect(text).toMatch(/Exit codes: 0/);
    },
  );

  test("needs no argument to say what there is", async () => {
    const [bare, asked] = [await run(), await run("--help")];
    expect(bare).toEqual(asked);
    expect(bare.stdout).toContain("Show what an apply would do");
    expect(bare.exitCode).toBe(0);
  });

  test("knows its version", async () => {
    expect((await run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("fails with exit 2 and a hint", () => {
  test.each([
    ["for a command that does not exist", ["plna"], "did you mean `plan`?"],
    ["for a flag that does not exist", ["plan", "--jsno"], "--json"],
    ["for a missing argument", ["release"], "key"],
    ["for a bad number", ["trash", "purge", "--older-than", "soon"], "whole number of days"],
    ["for a stack that is not there", ["plan"], "cdktf synth"],
    ["for a stack that is named and not there", ["doctor", "--stack", "nowhere"], "cdktf synth"],
    ["for two stacks", ["bootstrap", "--stack", "one", "two"], "by --stack"],
    ["for an unknown code", ["explain", "NOPE"], "sharewright explain"],
    ["for an unknown shell", ["completion", "tcsh"], "bash, zsh, fish"],
  ])("%s", async (_, args, hint) => {
    const { stderr, exitCode, stdout } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("error BAD_REQUEST");
    expect(stderr).toContain(hint);
    expect(stdout).toBe("");
  });

  test("as a document where one is asked for", async () => {
    const { stdout, stderr, exitCode } = await run("plan", "--json");
    expect(exitCode).toBe(2);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      command: "plan",
      error: { code: "BAD_REQUEST", fix: expect.any(String) },
    });
  });
});

describe("explain", () => {
  test("knows every code, and every exit code is documented", async () => {
    const { codes } = JSON.parse((await run("explain", "--json")).stdout) as { codes: { code: string; exit: number }[] };
    expect([...new Set(codes.map(({ code }) => code))]).toEqual(Object.keys(faults));
    for (const { exit } of codes) expect(exitCodes[exit]).toBeTypeOf("string");
  });

  test("tells one", async () => {
    expect((await run("explain", "not_mgs")).stdout).toContain("exit  3, refused for safety");
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("for %s asks the program itself", async (shell) => {
    expect((await run("completion", shell)).stdout).toContain("sharewright __complete");
  });

  test.each([
    [["tr"], ["trash"]],
    [
      ["trash", ""],
      ["list", "restore", "purge"],
    ],
    [["plan", "--js"], ["--json"]],
  ])("of %j offers %j", async (words, expected) => {
    const { stdout } = await run("__complete", ...words);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split("\t")[0]),
    ).toEqual(expected);
  });
});

describe("tables", () => {
  const columns = [
    { heading: "KEY", cell: (row: { key: string; text: string }) => row.key },
    { heading: "TEXT", cell: (row: { key: string; text: string }) => row.text, shrinkTo: 8, wrap: true as const },
  ];
  const rows = [{ key: "shares/a", text: "kept until it is purged" }];

  test("are as wide as they need", () => {
    expect(table(columns, rows, Number.POSITIVE_INFINITY)).toBe("KEY       TEXT\nshares/a  kept until it is purged");
  });

  test("wrap where a terminal is narrow", () => {
    expect(table(columns, rows, 22)).toBe("KEY       TEXT\nshares/a  kept until\n          it is purged");
  });

  /** Names without a gap in them, as keys, paths, volumes and nodemaps are. */
  const names = [
    { heading: "SHARE", cell: ([share = ""]: string[]) => share, shrinkTo: 12 },
    { heading: "PATH", cell: ([, path = ""]: string[]) => path, shrinkTo: 8 },
  ];

  test("U-12 fold names, at the end of their parts where there is one: they are copied", () => {
    expect(
      table(
        names,
        [
          ["shares/reference-data", "/shares/reference-data"],
          ["shares/a", "/shares/a"],
        ],
        29,
      ),
    ).toBe(
      [
        "SHARE              PATH",
        "shares/reference-  /shares/",
        "data               reference-",
        "                   data",
        "shares/a           /shares/a",
      ].join("\n"),
    );
  });

  test("U-12 lose nothing at any width, and are no wider than a terminal that is wide enough for the least", () => {
    const name = fc.stringMatching(/^[a-z0-9./#:@_-]{1,40}$/, { size: "max" });
    fc.assert(
      fc.property(name, name, fc.integer({ min: 22, max: 90 }), (share, path, width) => {
        const lines = table(names, [[share, path]], width).split("\n");
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        const second = (lines[0] ?? "").indexOf("PATH");
        const column = (from: number, to?: number) =>
          lines
            .slice(1)
            .map((line) => line.slice(from, to).trim())
            .join("");
        expect([column(0, second), column(second)]).toEqual([share, path]);
      }),
    );
  });

  test.each([
    [0n, 100n, "[------------------------]", "0 %"],
    [1n, 1000n, "[#-----------------------]", "<1 %"],
    [50n, 100n, "[############------------]", "50 %"],
    [300n, 100n, "[########################]", "300 %"],
  ])("bars: %d of %d", (part, whole, drawn, text) => {
    expect([bar(part, whole), percent(part, whole)]).toEqual([drawn, text]);
  });
});

describe("terminals", () => {
  const written = (streams: Parameters<typeof terminalOf>[1], environment = {}) => {
    const said: string[] = [];
    const terminal = terminalOf({ stdout: (text) => said.push(text), stderr: (text) => said.push(text) }, streams, environment);
    terminal.progress("looking");
    terminal.stdout(terminal.paint("red", "x"));
    return said;
  };

  test("get colour, and progress that the next line replaces", () => {
    expect(written({ stdout: { isTTY: true }, stderr: { isTTY: true } })).toEqual([
      "looking",
      "\r\u001b[K",
      "\u001b[31mx\u001b[0m",
    ]);
  });

  test("get no colour with NO_COLOR", () => {
    expect(written({ stdout: { isTTY: true }, stderr: {} }, { NO_COLOR: "1" })).toEqual(["x"]);
  });

  test("pipes get neither", () => {
    expect(written({ stdout: {}, stderr: {} })).toEqual(["x"]);
  });
});
