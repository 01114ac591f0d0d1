// What every transport keeps, whichever way it reaches its host. Each transport's own test calls `transportContract` with its maker.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { argvGiven, type Command, type Given, hole, type Result } from "../../src/core/command";
import { type Applicant, dropped, type Transport } from "../../src/core/transport";

export interface TransportSource {
  /** A transport to a host whose /bin/sh, node and files are this machine's. */
  make: () => Transport | Promise<Transport>;
  /** Extra environment and statements for a child process that makes such a transport itself: the text of a module that exports `make`. */
  moduleText: string | (() => string);
  /** Sudo keeps the locks for a command, which has none itself, nor has what it leaves behind. */
  hasSudo?: true;
}

/** Does not block: a server of this process may have to answer. */
const execute = promisify(execFile);
const node = process.execPath;
const js = (script: string, more: Partial<Command> = {}): Command => ({ argv: [node, "-e", script], ...more });
const sh = (script: string, more: Partial<Command> = {}): Command => ({ argv: ["/bin/sh", "-c", script], ...more });
/** Far more than any step takes: it ends a test that hangs, and is no measure of speed. */
const never = 60_000;

const textOf = (text: string | (() => string)) => (typeof text === "string" ? text : text());
const applicant = (name = "somebody", onWait = (_: string) => {}): Applicant => ({ name, onWait });

export function transportContract(name: string, { make, moduleText, hasSudo }: TransportSource): void {
  describe(`${name} keeps the contract of a transport`, () => {
    let directory = "";
    const open: Transport[] = [];
    const connect = async (): Promise<Transport> => {
      const transport = await make();
      open.push(transport);
      return transport;
    };
    const file = (leaf: string) => join(directory, leaf);

    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), "transport-"));
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((transport) => transport.close()));
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    test.each([0, 1, 2, 5, 42, 126, 255])("L-15 exit code %i arrives, with both streams as they are", async (code) => {
      const result = await (await connect()).run(sh(`printf out; printf err >&2; exit ${code}`));
      expect(result).toMatchObject({ exitCode: code, timedOut: false, stdout: "out", stderr: "err" });
      expect(result.signal).toBeUndefined();
    });

    test("an ending by a signal is no exit code and no success", async () => {
      const result = await (await connect()).run(sh("kill -KILL $$"));
      expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: false });
    });

    test("a tool that is not there is exit 127, not an exception", async () => {
      const result = await (await connect()).run({ argv: ["no-such-tool-anywhere", "x"] });
      expect(result.exitCode).toBe(127);
      expect(result.stderr).toContain("no-such-tool-anywhere");
    });

    test("X-L20 a deadline ends the command and says so", async () => {
      const marker = file("deadline");
      const result = await (await connect()).run(
        js(`setTimeout(() => require("fs").writeFileSync(${JSON.stringify(marker)}, ""), ${never})`, { timeoutMs: 300 }),
      );
      expect(result).toMatchObject({ exitCode: null, signal: "SIGTERM", timedOut: true });
    });

    test("X-L20 a command that ignores TERM is killed", async () => {
      const result = await (await connect()).run(
        js(
          `process.on("SIGTERM", () => process.stdout.write("no")); process.stdout.write("up"); setTimeout(() => {}, ${never})`,
          { timeoutMs: 1500 },
        ),
      );
      expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: true, stdout: "upno" });
    });

    test("a command that ends well after TERM is timed out all the same", async () => {
      const result = await (await connect()).run(
        js(`process.on("SIGTERM", () => process.exit(0)); process.stdout.write("up"); setTimeout(() => {}, ${never})`, {
          timeoutMs: 1500,
        }),
      );
      expect(result).toMatchObject({ exitCode: 0, timedOut: true });
    });

    test("an idle deadline is put off by output, however long it takes in all", async () => {
      // 8 outputs, each well within the idle time; all together longer than it.
      const script = `let n = 0; const t = setInterval(() => { process.stdout.write("."); if (++n === 8) clearInterval(t); }, 300)`;
      const result = await (await connect()).run(js(script, { idleTimeoutMs: 2000, timeoutMs: 1 }));
      expect(result).toMatchObject({ exitCode: 0, timedOut: false, stdout: "........" });
      expect(result.ms).toBeGreaterThan(2000);
    });

    test("an idle deadline ends what says nothing any more", async () => {
      const result = await (await connect()).run(
        js(`process.stdout.write("."); setTimeout(() => {}, ${never})`, { idleTimeoutMs: 1500 }),
      );
      expect(result).toMatchObject({ exitCode: null, timedOut: true, stdout: "." });
    });

    test("10 MB of output arrive whole", async () => {
      const result = await (await connect()).run(
        js(`process.stdout.write("0123456789".repeat(1048576)); process.stderr.write("x".repeat(1000000))`),
      );
      expect([result.exitCode, result.stdout.length, result.stderr.length]).toEqual([0, 10_485_760, 1_000_000]);
      expect(result.stdout.slice(-10)).toBe("0123456789");
    });

    test("a character that is split over two writes arrives as one", async () => {
      const script = `const b = Buffer.from("ä€😀"); let i = 0; const next = () => { if (i < b.length) { process.stdout.write(b.subarray(i, ++i)); setTimeout(next, 20); } }; next()`;
      expect((await (await connect()).run(js(script))).stdout).toBe("ä€😀");
    });

    test("stdin is passed whole, and ends", async () => {
      const text = "zeile ä€😀\n".repeat(200_000);
      const result = await (await connect()).run({ argv: ["cat"], stdin: text });
      expect(result.exitCode).toBe(0);
      expect(result.stdout === text).toBe(true);
    });

    test("without stdin a command reads nothing, and does not wait", async () => {
      expect(await (await connect()).run({ argv: ["cat"], timeoutMs: never })).toMatchObject({ exitCode: 0, stdout: "" });
    });

    test("a command that does not read its stdin ends as it likes", async () => {
      expect(await (await connect()).run(sh("exit 3", { stdin: "x".repeat(5_000_000) }))).toMatchObject({ exitCode: 3 });
    });

    test("L-13 any argument list arrives as it is: no shell takes it apart", async () => {
      const transport = await connect();
      const argument = fc
        .string({ unit: "grapheme", maxLength: 12 })
        .filter((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text));
      const hostile = fc.constantFrom(
        "$(touch x)",
        "`x`",
        "a b",
        "",
        "'",
        '"',
        "\\",
        "*",
        "-n",
        "--",
        ";",
        "\n",
        "~",
        "x=y",
        "%s",
        "[0x1:0x2:0x0]",
      );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(argument, hostile), { minLength: 20, maxLength: 60 }), async (words) => {
          const script = 'for word; do printf "%s\\0" "$word"; done';
          const result = await transport.run({ argv: ["/bin/sh", "-c", script, "sh", ...words] });
          expect(result.stdout.split("\0").slice(0, -1)).toEqual(words);
        }),
        { numRuns: 10 },
      );
    });

    test("tools speak the C locale", async () => {
      expect((await (await connect()).run(sh('printf %s "$LC_ALL"'))).stdout).toBe("C");
    });

    test("an abort ends the command", async () => {
      const [abort, started] = [new AbortController(), file("abort.started")];
      const transport = await connect();
      const running = transport.run(sh(`echo > ${started}; exec sleep ${never / 1000}`), abort.signal);
      while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 20));
      abort.abort();
      expect(await running).toMatchObject({ exitCode: null, signal: "SIGTERM", timedOut: false });
    });

    test("what was aborted before it began does not run", async () => {
      const marker = file("aborted");
      const result = await (await connect()).run(sh(`sleep 1; echo > ${marker}`), AbortSignal.abort());
      expect(result.exitCode).toBe(null);
      expect(existsSync(marker)).toBe(false);
    });

    test("a grandchild that keeps the output open does not keep us", async () => {
      const pidFile = file("grandchild");
      const result = await (await connect()).run(
        sh(`sleep ${never / 1000} & echo $! > ${pidFile}; printf done`, { timeoutMs: never - 10_000 }),
      );
      process.kill(Number(readFileSync(pidFile, "utf8")));
      expect(result).toMatchObject({ exitCode: 0, timedOut: false, stdout: "done" });
    });

    test("nor does it keep our process from ending", async () => {
      const [pidFile, program] = [file("leftover"), file("leftover.mjs")];
      const command = sh(`sleep ${never / 1000} & echo $! > ${pidFile}`);
      writeFileSync(
        program,
        `${textOf(moduleText)}\nconst transport = await make();\nawait transport.run(${JSON.stringify(command)});\nawait transport.close();\n`,
      );
      await execute(node, ["--import", "tsx", program], { cwd: process.cwd(), timeout: never / 2 });
      process.kill(Number(readFileSync(pidFile, "utf8")));
    });

    test("nor one that keeps talking", async () => {
      const pidFile = file("talker");
      const result = await (await connect()).run(
        sh(`(while :; do printf .; sleep 0.2; done) & echo $! > ${pidFile}; printf done`, { idleTimeoutMs: 20_000 }),
      );
      process.kill(Number(readFileSync(pidFile, "utf8")));
      expect(result).toMatchObject({ exitCode: 0, timedOut: false });
      expect(result.stdout).toContain("done");
    });

    test("more output than a command may print ends it, and is no success", async () => {
      const transport = await connect();
      const result = await transport.run({ argv: ["yes"], maxOutputBytes: 100_000 });
      expect(result).toMatchObject({ tooLong: true, timedOut: false });
      expect(result.stdout.length).toBeLessThanOrEqual(100_000);
      expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
    });

    test("a command is told once to end, for one reason, also if its deadline passes while it does not obey", async () => {
      const command = sh("trap '' TERM; head -c 200000 /dev/zero; exec sleep 60", { maxOutputBytes: 100_000, timeoutMs: 1500 });
      const result = await (await connect()).run(command);
      expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", tooLong: true, timedOut: false });
    });

    test("progress puts off an idle deadline alone", async () => {
      const command = sh("while :; do echo; sleep 0.1; done", { timeoutMs: 700, progressOnly: true });
      expect(await (await connect()).run(command)).toMatchObject({ timedOut: true, stdout: "" });
    });

    test("work is done in the order in which it was asked for, whether or not anybody waits", async () => {
      const transport = await connect();
      const log = file("order");
      const note = (word: string) => sh(`echo ${word} >> ${log}`);
      let go: (yes: boolean) => void = () => {};
      const after = new Promise<boolean>((resolve) => {
        go = resolve;
      });
      const all = [
        transport.run(sh(`sleep 0.3; echo 1 >> ${log}`)),
        transport.runAll([note("2"), note("3")], { as: "steps", after }),
        transport.run(note("4")),
        transport.lock(file("order.lock"), never, applicant()),
        transport.runAll([note("5")], { as: "looks" }),
      ];
      await all[0];
      go(true);
      await Promise.all(all);
      expect(readFileSync(log, "utf8")).toBe("1\n2\n3\n4\n5\n");
    });

    describe("lists", () => {
      const endings = (results: readonly (Result | undefined)[]) => results.map((result) => result?.exitCode);

      test("of steps end with the first that fails", async () => {
        const results = await (await connect()).runAll([sh("printf a"), sh("printf b; exit 3"), sh("printf c")], { as: "steps" });
        expect(endings(results)).toEqual([0, 3, undefined]);
        expect(results.map((result) => result?.stdout)).toEqual(["a", "b", undefined]);
      });

      test("of steps end with one that ended well, but after its deadline", async () => {
        const late = js(`process.on("SIGTERM", () => process.exit(0)); setTimeout(() => {}, ${never})`, { timeoutMs: 1500 });
        const results = await (await connect()).runAll([late, sh("exit 0")], { as: "steps" });
        expect(results).toMatchObject([{ exitCode: 0, timedOut: true }, undefined]);
      });

      test("that fail take with them what was asked for behind them, but nothing that is asked for later", async () => {
        const transport = await connect();
        const good = sh("exit 0");
        const [failed, list, one, lock] = await Promise.all([
          transport.runAll([sh("exit 1"), good], { as: "steps" }),
          transport.runAll([good], { as: "looks" }),
          transport.run(good),
          transport.lock(file("dropped.lock"), never, applicant()),
        ]);
        expect([endings(failed), list]).toEqual([[1, undefined], [undefined]]);
        expect([one, lock.result]).toEqual([dropped, dropped]);
        // It was not run, which is no deadline that passed.
        expect(dropped).toMatchObject({ exitCode: null, timedOut: false });
        expect(endings(await transport.runAll([good, good], { as: "steps" }))).toEqual([0, 0]);
      });

      test("of looks that fail take nothing with them", async () => {
        const transport = await connect();
        const [, later] = await Promise.all([transport.runAll([sh("exit 1")], { as: "looks" }), transport.run(sh("exit 0"))]);
        expect(later.exitCode).toBe(0);
      });

      test("tell of each ending as it happens", async () => {
        const told: unknown[] = [];
        const onResult = (index: number, result: Result) => told.push([index, result]);
        const commands = [sh("exit 0"), sh("exit 0", { given: { of: 0, says: "x" } }), sh("exit 2"), sh("exit 0")];
        const results = await (await connect()).runAll(commands, { as: "steps", onResult });
        expect(told).toEqual([
          [0, results[0]],
          [2, results[2]],
        ]);
      });

      test("of looks are run to the end, each with its own output and stdin", async () => {
        const results = await (await connect()).runAll(
          [
            sh("printf out; printf err >&2; exit 2"),
            { argv: ["cat"], stdin: "in\n\n" },
            { argv: ["no-such-tool"] },
            sh("printf end"),
          ],
          { as: "looks" },
        );
        expect(endings(results)).toEqual([2, 0, 127, 0]);
        expect(results.map((result) => result?.stdout)).toEqual(["out", "in\n\n", "", "end"]);
        expect(results[0]?.stderr).toBe("err");
      });

      test("whose time does not come are not run", async () => {
        const marker = file("never");
        const results = await (await connect()).runAll([sh(`echo > ${marker}`)], { as: "looks", after: Promise.resolve(false) });
        expect(results).toEqual([undefined]);
        expect(existsSync(marker)).toBe(false);
      });

      test("that are empty have no results", async () => {
        expect(await (await connect()).runAll([], { as: "steps" })).toEqual([]);
      });

      test("pass a condition's command on as it is: output to the byte, exit code, stdin", async () => {
        const text = "a 'b' \\n %s\n\n\n";
        const results = await (await connect()).runAll(
          [
            { argv: ["cat"], stdin: text },
            sh("printf out; printf err >&2; exit 3"),
            { argv: ["echo", "yes"], given: { of: 0, says: "'b'" } },
            { argv: ["echo", "yes"], given: { of: 1, says: "err" } },
            { argv: ["echo", "yes"], given: { of: 3, says: "", not: true } },
          ],
          { as: "looks" },
        );
        expect(results.map((result) => result?.stdout)).toEqual([text, "out", "yes\n", undefined, undefined]);
        expect(results[1]).toMatchObject({ exitCode: 3, stderr: "err" });
      });

      test("end a condition's command at its deadline as any other", async () => {
        const transport = await connect();
        const results = await transport.runAll(
          [sh("printf a; exec sleep 60", { timeoutMs: 500 }), { argv: ["echo", "yes"], given: { of: 0, says: "a" } }],
          { as: "looks" },
        );
        expect(results).toMatchObject([{ exitCode: null, signal: "SIGTERM", timedOut: true, stdout: "a" }, { stdout: "yes\n" }]);
        expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
      });

      test("understand a condition as argvGiven does, whatever the output and the words", async () => {
        const transport = await connect();
        const piece = fc.constantFrom(
          "a",
          "b",
          "7",
          "42",
          "\n",
          "'",
          '"',
          "\\",
          "*",
          "?",
          "[a]",
          "]",
          "$x",
          "`",
          "}",
          "#",
          " ",
          "ä",
          "",
          "-",
          "!",
        );
        const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
        const given = fc.record<Given>(
          { of: fc.constant(0), says: text, not: fc.constant(true), digitsAfter: text },
          { requiredKeys: ["of", "says"] },
        );
        await fc.assert(
          fc.asyncProperty(text, fc.array(given, { minLength: 8, maxLength: 8 }), async (output, conditions) => {
            const asked = conditions.map(
              (condition): Command => ({
                argv: ["echo", "is", condition.digitsAfter === undefined ? "so" : hole],
                given: condition,
              }),
            );
            const [first, ...others] = await transport.runAll([{ argv: ["printf", "%s", output] }, ...asked], { as: "looks" });
            const expected = asked.map((command) => argvGiven(command, [first])?.slice(1).join(" "));
            const seen = others.map((result) => result?.stdout.trimEnd());
            expect(first?.stdout).toBe(output);
            expect(seen).toEqual(expected);
          }),
          { numRuns: 15 },
        );
      });
    });

    describe("locks", () => {
      const isFree = (lock: string): boolean => {
        try {
          execFileSync("flock", ["-n", lock, "true"]);
          return true;
        } catch {
          return false;
        }
      };

      test("exclude each other, and a wait that is too long is a result", async () => {
        const [one, other] = [await connect(), await connect()];
        const held = await one.lock(file("a.lock"), never, applicant());
        expect(held.result.exitCode).toBe(0);
        const late = await other.lock(file("a.lock"), 1000, applicant());
        expect(late.result.exitCode).not.toBe(0);
        await held.release();
        expect((await other.lock(file("a.lock"), never, applicant())).result.exitCode).toBe(0);
      });

      test("tell who has to wait for whom, once", async () => {
        const [one, other] = [await connect(), await connect()];
        const told: string[] = [];
        const onWait = (holder: string) => told.push(holder);
        const held = await one.lock(file("who.lock"), never, applicant("stack 'a' $(x) \\n %s", onWait));
        expect(told).toEqual([]);
        const waiting = other.lock(file("who.lock"), never, applicant("b", onWait));
        while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        await held.release();
        expect((await waiting).result.exitCode).toBe(0);
        expect(told).toEqual(["stack 'a' $(x) \\n %s"]);
      });

      test("tell no more of a name than fits a line", async () => {
        const [one, other] = [await connect(), await connect()];
        const told: string[] = [];
        await one.lock(file("long.lock"), never, applicant("x".repeat(5000)));
        await other.lock(
          file("long.lock"),
          1000,
          applicant("b", (holder) => told.push(holder)),
        );
        expect(told).toEqual(["x".repeat(200)]);
      });

      test("wait for their turn", async () => {
        const [one, other] = [await connect(), await connect()];
        const held = await one.lock(file("turn.lock"), never, applicant());
        const order: string[] = [];
        const waiting = other.lock(file("turn.lock"), never, applicant()).then((lock) => {
          order.push("second");
          return lock;
        });
        await one.run(sh("sleep 0.5"));
        order.push("first");
        await held.release();
        expect((await waiting).result.exitCode).toBe(0);
        expect(order).toEqual(["first", "second"]);
      });

      test("do not exclude other files, and end one by one, at the latest at close", async () => {
        const one = await connect();
        const [a, b] = [await one.lock(file("b1.lock"), never, applicant()), await one.lock(file("b2.lock"), never, applicant())];
        expect([a.result.exitCode, b.result.exitCode, isFree(file("b1.lock")), isFree(file("b2.lock"))]).toEqual([
          0,
          0,
          false,
          false,
        ]);
        await a.release();
        await a.release();
        expect([isFree(file("b1.lock")), isFree(file("b2.lock"))]).toEqual([true, false]);
        expect((await one.run(sh("exit 4"))).exitCode).toBe(4);
        expect(isFree(file("b2.lock"))).toBe(false);
        await one.close();
        expect(isFree(file("b2.lock"))).toBe(true);
      });

      test("that ended leave their place to others, as often as one likes", async () => {
        const one = await connect();
        for (let turn = 0; turn < 8; turn += 1) {
          const { result, release } = await one.lock(file("often.lock"), never, applicant());
          expect(result.exitCode).toBe(0);
          await release();
        }
      });

      test("after a lost wait nothing is held, and a second try works", async () => {
        const [one, other] = [await connect(), await connect()];
        const held = await one.lock(file("c.lock"), never, applicant());
        await other.lock(file("c.lock"), 1000, applicant());
        await held.release();
        expect(isFree(file("c.lock"))).toBe(true);
        expect((await other.lock(file("c.lock"), never, applicant())).result.exitCode).toBe(0);
      });

      test("in a directory that is not there are a failure that names it", async () => {
        const { result } = await (await connect()).lock(file("none/x.lock"), never, applicant());
        expect(result.exitCode).not.toBe(0);
        expect(result.timedOut).toBe(false);
        expect(result.stderr).toMatch(/ENOENT|No such file/);
      });

      // Such as the process of a FUSE mount, which lives as long as the mount.
      test.each<[string, Partial<Command>]>([
        ["", {}],
        [", also one that is given input", { stdin: "x" }],
      ])("end although a process lives on that a command left behind which says so%s; any other keeps them", async (_, more) => {
        const [lock, pidFile] = [file("daemon.lock"), file("daemon.pid")];
        const leave = sh(`sleep ${never / 1000} > /dev/null 2>&1 & echo $! > ${pidFile}`, more);
        for (const daemon of [true, undefined]) {
          const transport = await connect();
          const held = await transport.lock(lock, never, applicant());
          await transport.runAll([{ argv: ["true"] }, daemon ? { ...leave, daemon } : leave], { as: "steps" });
          expect(isFree(lock)).toBe(false);
          await held.release();
          expect([daemon, isFree(lock)]).toEqual([daemon, daemon === true || hasSudo === true]);
          process.kill(Number(readFileSync(pidFile, "utf8")));
          expect((await transport.lock(lock, never, applicant())).result.exitCode).toBe(0);
          await transport.close();
        }
      });

      test("X-L13 outlive the death of their holder until its last command has ended", async () => {
        const [lock, go, started] = [file("d.lock"), file("d.go"), file("d.started")];
        const holder = file("holder.mjs");
        const command = sh(`echo > ${started}; while [ ! -e ${go} ]; do sleep 0.05; done`);
        writeFileSync(
          holder,
          `${textOf(moduleText)}
const transport = await make();
const { result } = await transport.lock(${JSON.stringify(lock)}, ${never}, { name: "holder", onWait() {} });
if (result.exitCode !== 0) throw new Error("no lock");
void transport.run(${JSON.stringify(command)});
const { existsSync } = await import("node:fs");
setInterval(() => { if (existsSync(${JSON.stringify(started)})) process.kill(process.pid, "SIGKILL"); }, 20);
`,
        );
        const running = execute(node, ["--import", "tsx", holder], { cwd: process.cwd(), timeout: never });
        const { signal } = await running.then(
          () => ({ signal: undefined }),
          (error: { signal?: string }) => error,
        );
        expect(signal).toBe("SIGKILL");
        expect(isFree(lock)).toBe(false);
        writeFileSync(go, "");
        expect((await (await connect()).lock(lock, never, applicant())).result.exitCode).toBe(0);
      });
    });

    describe("U-02: steps that are joined", () => {
      const joined = (command: Command): Command => ({ ...command, joined: true });
      const exits = (results: readonly (Result | undefined)[]) => results.map((result) => result?.exitCode);

      test("are done in order, with words as they are, and answer one by one", async () => {
        const [first, odd] = [file("joined"), `'";$(exit 3) \\ * {} [0-9] ${"x".repeat(20)}`];
        const transport = await connect();
        const write = (text: string): Command => ({ argv: ["/bin/sh", "-c", 'printf "%s\n" "$1" >> "$2"', "sh", text, first] });
        const steps = [write("0"), write("1"), joined(write(odd)), joined(write("3")), write("4")];
        expect(exits(await transport.runAll(steps, { as: "steps" }))).toEqual([0, 0, 0, 0, 0]);
        expect(readFileSync(first, "utf8")).toBe(`0\n1\n${odd}\n3\n4\n`);
      });

      test("end with the first that fails, which says why itself", async () => {
        const transport = await connect();
        const heard: number[] = [];
        const steps = [sh("exit 0"), joined(sh("echo why >&2; exit 34")), joined(sh(`echo > ${file("never")}`)), sh("exit 0")];
        const results = await transport.runAll(steps, { as: "steps", onResult: (index) => heard.push(index) });
        expect([exits(results), results[1]?.stderr.trim(), heard]).toEqual([[0, 34, undefined, undefined], "why", [0, 1]]);
        expect(existsSync(file("never"))).toBe(false);
        expect(exits(await transport.runAll([sh("exit 5")], { as: "looks" }))).toEqual([5]);
      });

      test("are all done once the first has begun, whoever asked for them is killed; what comes behind is not", async () => {
        const [started, go, second, third, behind] = ["j.1", "j.go", "j.2", "j.3", "j.4"].map(file) as [
          string,
          string,
          string,
          string,
          string,
        ];
        const program = file("joined.mjs");
        const steps = [
          sh(`echo > ${started}; while [ ! -e ${go} ]; do sleep 0.05; done`),
          joined(sh(`echo > ${second}`)),
          joined(sh(`echo > ${third}`)),
          sh(`echo > ${behind}`),
        ];
        writeFileSync(
          program,
          `${textOf(moduleText)}
const transport = await make();
void transport.runAll(${JSON.stringify(steps)}, { as: "steps" });
const { existsSync } = await import("node:fs");
setInterval(() => { if (existsSync(${JSON.stringify(started)})) process.kill(process.pid, "SIGKILL"); }, 20);
`,
        );
        const running = execute(node, ["--import", "tsx", program], { cwd: process.cwd(), timeout: never });
        await expect(running).rejects.toMatchObject({ signal: "SIGKILL" });
        expect([second, third].map((one) => existsSync(one))).toEqual([false, false]);
        writeFileSync(go, "");
        await vi.waitUntil(() => existsSync(third), { timeout: never / 6, interval: 50 });
        // Long enough for the next one, had it been begun.
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect([second, behind].map((one) => existsSync(one))).toEqual([true, false]);
      });
    });
  });
}
