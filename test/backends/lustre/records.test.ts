import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { parseRecord } from "../../../src/backends/lustre/record-kinds";
import { readAllRecords, removeRecord, writeRecord } from "../../../src/backends/lustre/records";
import type { Result } from "../../../src/core/command";
import { ShareError } from "../../../src/core/errors";
import { revocations, ruleMessage, shareMessage } from "../../../src/spec/lustre";
import { spelled } from "../../../src/spec/message";
import type { Properties } from "../../../src/spec/property";
import { ended, fakeHost } from "../../core/fake-host";
import { planningSite } from "./site";

const share = {
  format: 1,
  kind: "lustre.share",
  key: "shares/a",
  claim: "c1",
  owner: "team",
  state: "ready",
  projectId: 10003,
  spec: { fileset: "/shares/a", size: "10 TiB", owner: "1000:1000", mode: "0770", removal_policy: "retain" },
};
const properties = { share: "shares/a", fileset: "/shares/a", clients: "10.0.0.0/24", level: "rw", squash: "root" };
const rule = { format: 1, kind: "lustre.access-rule", key: "shares/a#r", claim: "c2", owner: "team", live: properties };

function broken(value: unknown, where = "/mnt/lustre/.sharewright/shares"): ShareError {
  try {
    parseRecord(typeof value === "string" ? value : JSON.stringify(value), where);
  } catch (error) {
    if (ShareError.isShareError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("records", () => {
  test.each<[string, object]>([
    ["a share", share],
    ["a share that is limited no more than it was", { ...share, before: "0 1024 0 0", adopted: true }],
    ["a kept share", { ...share, claim: undefined, state: "unowned" }],
    ["a rule", rule],
    ["a rule with a wish", { ...rule, pending: { ...properties, level: "ro" } }],
    ["a rule that goes", { ...rule, leaving: true }],
    ["a nodemap", { format: 1, kind: "lustre.nodemap", key: "sw_x", fsName: "scratch", prefixes: ["fd00::/64@tcp"] }],
    ["bans", { format: 1, kind: "lustre.bans", key: "banlist", ranges: ["10.0.0.[0-7]@tcp"] }],
  ])("%s is read as it was written", (_, record) => {
    const text = JSON.stringify(record);
    expect(JSON.stringify(parseRecord(text, "x"))).toBe(text);
  });

  test.each<[string, unknown, string]>([
    ["no JSON", "{", "is not JSON"],
    ["half a record", JSON.stringify(share).slice(0, 60), "is not JSON"],
    ["nothing", "null", 'has a bad "'],
    ["an unknown kind", { ...share, kind: "gluster.share" }, 'has a bad "kind"'],
    ["a later format", { ...share, format: 2 }, 'has a bad "format"'],
    ["no key", { ...share, key: undefined }, 'has a bad "key"'],
    ["an unknown state", { ...share, state: "lost" }, 'has a bad "state"'],
    ["a project id that is no number", { ...share, projectId: "10003" }, 'has a bad "projectId"'],
    ["a size that is none", { ...share, spec: { ...share.spec, size: "much" } }, 'has a bad "spec.size"'],
    ["a path that leaves the file system", { ...share, spec: { ...share.spec, fileset: "/../etc" } }, 'has a bad "spec.fileset"'],
    ["an unknown policy", { ...share, spec: { ...share.spec, removal_policy: "burn" } }, 'has a bad "spec.removal_policy"'],
    ["an unknown level", { ...rule, live: { ...properties, level: "rwx" } }, 'has a bad "live.level"'],
    ["a field that nobody knows", { ...share, extra: 1 }, "has a bad"],
  ])("fails with %s, and names the place and the field", (_, value, words) => {
    const error = broken(value);
    expect([error.code, error.summary]).toEqual([
      "RECORD_BROKEN",
      expect.stringContaining("a record in /mnt/lustre/.sharewright/shares"),
    ]);
    expect(error.summary).toContain(words);
  });

  test("a record cut off anywhere is never taken for another one", () => {
    const text = JSON.stringify(share);
    fc.assert(fc.property(fc.nat(text.length - 1), (length) => broken(text.slice(0, length)).code === "RECORD_BROKEN"));
  });
});

describe("what a record may hold", () => {
  // The same, said by a schema.
  const textsOf = (table: Properties) => {
    const fields = Object.entries(table).map(([name, property]) => {
      const text = z.string().check(z.refine((value) => property.read(value) !== undefined));
      return [spelled(name), "absent" in property ? z.optional(text) : text] as const;
    });
    return z.strictObject(Object.fromEntries(fields));
  };
  const maybe = z.optional<z.ZodMiniType>;
  const common = { format: z.literal(1), key: z.string(), claim: maybe(z.string()), stack: maybe(z.string()), owner: z.string() };
  const isTrue = maybe(z.literal(true));
  const schema = z.discriminatedUnion("kind", [
    z.strictObject({
      ...common,
      kind: z.literal("lustre.share"),
      state: z.enum(["creating", "ready", "leaving", "deleting", "unowned", "trashed"]),
      projectId: maybe(z.int()),
      adopted: isTrue,
      before: maybe(z.string()),
      closed: isTrue,
      spec: textsOf(shareMessage.table),
    }),
    z.strictObject({
      ...common,
      kind: z.literal("lustre.access-rule"),
      live: maybe(textsOf(ruleMessage.table)),
      pending: maybe(textsOf(ruleMessage.table)),
      leaving: isTrue,
      revocation: maybe(z.enum(revocations)),
    }),
    z.strictObject({
      format: z.literal(1),
      kind: z.literal("lustre.nodemap"),
      key: z.string(),
      fsName: z.string(),
      prefixes: maybe(z.array(z.string())),
    }),
    z.strictObject({
      format: z.literal(1),
      kind: z.literal("lustre.bans"),
      key: z.literal("banlist"),
      ranges: z.array(z.string()),
      held: maybe(z.record(z.string(), z.array(z.string()))),
    }),
  ]);

  const whole: readonly object[] = [
    { ...share, stack: "s", before: "0 1024 0 0", adopted: true, closed: true },
    { ...rule, pending: { ...properties, rbac: "file_perms", advisory_read_only: "true" }, leaving: true, revocation: "cut" },
    { format: 1, kind: "lustre.nodemap", key: "sw_x", fsName: "scratch", prefixes: ["fd00::/64@tcp"] },
    { format: 1, kind: "lustre.bans", key: "banlist", ranges: ["10.0.0.1@tcp"], held: { "rw /shares/a": ["10.0.0.1@tcp"] } },
  ];
  const names = [
    ...new Set(whole.flatMap((one) => [...Object.keys(one), ...Object.values(one).flatMap((part) => Object.keys(Object(part)))])),
  ];
  const odd: readonly unknown[] = [
    undefined, null, true, false, 0, 1, 1.5, 2 ** 60, "", "x", "rw", "ready", "true", [], ["x"], [1], {}, { x: ["x"] }, { x: 1 }, properties, share.spec,
  ]; // biome-ignore format: a list of values

  /** One field, here or a level further down, is something else. */
  const spoilt = fc.tuple(
    fc.constantFrom(...whole),
    fc.array(
      fc.tuple(
        fc.option(fc.constantFrom("spec", "live", "pending", "held", "ranges")),
        fc.constantFrom(...names),
        fc.constantFrom(...odd),
      ),
      {
        maxLength: 2,
      },
    ),
  );

  test("is judged as by a schema, whatever is there in place of a field", () => {
    fc.assert(
      fc.property(spoilt, ([record, changes]) => {
        const changed = structuredClone(record) as Record<string, unknown>;
        for (const [part, name, value] of changes) {
          const at =
            part !== null && Object(changed[part]) === changed[part] ? (changed[part] as Record<string, unknown>) : changed;
          at[name] = value;
        }
        const text = JSON.stringify(changed);
        const isRead = () => {
          try {
            return JSON.stringify(parseRecord(text, "x")) === text;
          } catch (error) {
            return ShareError.isShareError(error) && error.code === "RECORD_BROKEN" ? false : String(error);
          }
        };
        expect([text, isRead()]).toEqual([text, schema.safeParse(JSON.parse(text)).success]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("steps about records", () => {
  const site = planningSite();
  test("written beside, waited for, renamed over; one line", () => {
    const [write, rename] = writeRecord(site, "shares", share as never).commands;
    const path = "/mnt/lustre/.sharewright/shares/shares:a.json";
    expect([write?.argv[1], rename?.argv]).toEqual([`of=${path}.tmp`, ["mv", "-T", "--", `${path}.tmp`, path]]);
    expect(write?.stdin).toBe(`${JSON.stringify(share)}\n`);
    expect(write?.stdin?.trimEnd()).not.toContain("\n");
  });
  test("a line break in a description stays one line", () => {
    const [write] = writeRecord(site, "shares", { ...share, spec: { ...share.spec, description: "a\nb" } } as never).commands;
    expect(write?.stdin?.trimEnd()).not.toContain("\n");
  });
  test("removed by name", () =>
    expect(removeRecord(site, "rules", "shares/a#r").commands[0]?.argv).toContain(
      "/mnt/lustre/.sharewright/rules/shares:a#r.json",
    ));
});

describe("reading all records", () => {
  const vanished = ended(1, "", "cat: /mnt/lustre/.sharewright/rules/x.json: No such file or directory\n");
  const reading = async (...answers: Result[]) => {
    const isRoots = (paths: readonly string[]) => paths.map((path) => `d|700|0|0|7|144115188193296385||${path}\n`).join("");
    const client = fakeHost("client", ({ argv }) => {
      const said = answers.shift() ?? vanished;
      return { ...said, stdout: isRoots(argv.filter((word) => word.startsWith("/"))) + said.stdout };
    });
    const read = await readAllRecords({ ...planningSite(), client }).catch((error: unknown) => (error as ShareError).code);
    return [client.asked.filter((line) => line.startsWith("find ")).length, read];
  };
  const none = { shares: [], rules: [], nodemaps: [] };
  test("begins again where one goes meanwhile, and not for ever", async () => {
    expect(await reading(ended(0))).toEqual([1, none]);
    expect(await reading(vanished, vanished, ended(0))).toEqual([3, none]);
    expect(await reading()).toEqual([6, "COMMAND_FAILED"]);
  });
  test("fails at once where one cannot be read", async () =>
    expect(await reading(ended(1, "", "cat: x.json: Input/output error\n"))).toEqual([1, "COMMAND_FAILED"]));
});
