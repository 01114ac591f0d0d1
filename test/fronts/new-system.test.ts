// What the next system costs: its own code, and nothing elsewhere. Notes in a map, each with a text that is enforced and a word about it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Desk, View } from "../../src/fronts/desk";
import { hook } from "../../src/fronts/hook";
import { readerOf } from "../../src/fronts/request";
import type { Stack, StackObject } from "../../src/fronts/stack";
import { bare, type SurveyedObject, verdictOf } from "../../src/fronts/surveyed";
import type { ManagedKind, System } from "../../src/fronts/system";
import { message } from "../../src/spec/message";
import { optional, note as remark, text } from "../../src/spec/property";
import { runCli } from "./support";

// ---- the system ------------------------------------------------------------------------------------------------------------

/** A place is the name of a map. */
const maps = new Map<string, Map<string, string>>();
const mapOf = (name: string) => maps.get(name) ?? maps.set(name, new Map()).get(name) ?? new Map<string, string>();
const step = (say: string) => ({ id: "write", say, on: "client" as const, commands: [] });

const noteMessage = message({ text: text("write a word", (word) => /^[a-z ]+$/.test(word)), aboutIt: optional(remark(20)) });
const readNote = readerOf(noteMessage.triggers);
/** Said beside each text: the record. */
const records = new Map<string, ReturnType<typeof noteMessage.write>>();

const note: ManagedKind<Map<string, string>, { key: string } & ReturnType<typeof readNote>> = {
  isKey: (key) => /^[a-z]+$/.test(key),
  read: ({ key, text }) => ({ key, ...readNote(text, key) }),
  async apply(map, { key, spec }) {
    const [before, record] = [records.get(key), noteMessage.write(spec)];
    const news = before ? noteMessage.changedNotes(before, record).map((name) => step(`note its ${name}`)) : [];
    const steps = [...(map.get(key) === spec.text ? [] : [step(`write ${spec.text}`)]), ...news];
    map.set(key, spec.text);
    records.set(key, record);
    return steps;
  },
  destroy: async (map, key) => (map.delete(key) ? [step(`wipe ${key}`)] : []),
};

const system: System<string, Map<string, string>> = {
  kinds: { "memory.note": note },
  placeVariable: "MEMORY",
  readPlace: (text) => text,
  open: (name, _log, work) => work(mapOf(name)),
};

function look(object: StackObject): SurveyedObject<string> {
  const { kind, key, place, triggers } = object;
  const sight = mapOf(String(place)).get(key);
  const wanted = triggers["text"] ?? "";
  const differences = sight === wanted ? [] : [{ attribute: "text", wanted, found: sight ?? "nothing" }];
  const steps = differences.map(() => step(`write ${wanted}`));
  const known = { kind, key, object, differences, ...(sight === undefined ? {} : { sight }) };
  return { ...bare(known, verdictOf(object, steps.length > 0)), steps };
}

const view: View<string> = {
  list: "shares",
  properties: {},
  columns: [
    { heading: "NOTE", cell: ({ key }) => key },
    { heading: "TEXT", cell: ({ sight = "-" }) => sight },
  ],
  document: ({ sight }) => ({ text: sight }),
};

const unused = () => {
  throw new Error("not asked for here");
};

const desk: Desk<string> = {
  system,
  faults: {},
  views: { "memory.note": view },
  places: "clusters",
  flag: "cluster",
  choose: unused,
  survey: async (stack: Stack) => [{ objects: stack.objects.map(look), accessSteps: [], notes: [] }],
  list: unused,
  unclaimed: unused,
  capacity: unused,
  check: unused,
  release: unused,
  trash: { isName: unused, read: unused, columns: [], document: unused, restore: unused, purge: unused },
};

// ---- the fronts ------------------------------------------------------------------------------------------------------------

const work = mkdtempSync(join(tmpdir(), "sharewright-new-system-"));
afterEach(() => rmSync(work, { recursive: true, force: true }));

async function started(action: string, environment: Record<string, string>): Promise<string> {
  let said = "";
  const sink = { stdout: (text: string) => (said += text), stderr: (text: string) => (said += text) };
  await hook(["memory.note", action, "a"], { MEMORY: "m", ...environment }, sink, { memory: async () => system });
  return said;
}

/** A synthesized stack with one note, and a Terraform that tells its state. */
function writeStack(text: string): NodeJS.ProcessEnv {
  const directory = join(work, "cdktf.out/stacks/s");
  mkdirSync(join(directory, ".terraform"), { recursive: true });
  const hookOf = (action: string) => ({
    "local-exec": { interpreter: ["node", "x", "hook", "memory.note", action], command: "a", environment: { MEMORY: "m" } },
  });
  const resource = {
    a: { triggers: { text, claim: "x" }, provisioner: [hookOf("apply")] },
    claims: { provisioner: [hookOf("destroy")] },
  };
  writeFileSync(
    join(directory, "cdk.tf.json"),
    JSON.stringify({ locals: { claims: { a: {} } }, resource: { null_resource: resource } }),
  );
  const resourceOf = (name: string, instance: object) => ({
    mode: "managed",
    type: "null_resource",
    name,
    instances: [instance],
  });
  const state = {
    version: 4,
    resources: [
      resourceOf("a", { attributes: { id: "1", triggers: { text, claim: "c" } } }),
      resourceOf("claims", { attributes: { id: "c" }, index_key: "a" }),
    ],
  };
  const terraform = join(work, "terraform");
  writeFileSync(terraform, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(state)}\nEND\n`, { mode: 0o755 });
  return { ...process.env, TERRAFORM_BINARY_NAME: terraform };
}

test("a new system has hooks, plan, status and repair by itself", async () => {
  expect(await started("apply", { SHAREWRIGHT_SPEC: `{"claim":"c","text":"one"}` })).toMatch(
    "memory.note a: as described after 1 step",
  );
  expect(await started("apply", { SHAREWRIGHT_SPEC: `{"claim":"c","text":"one"}` })).toMatch("nothing to do");
  const remarked = await started("apply", { SHAREWRIGHT_SPEC: `{"claim":"c","text":"one","about_it":"a number"}` });
  expect(remarked).toMatch("as described after 1 step");

  const environment = writeStack("one");
  const run = (...args: string[]) => runCli(args, environment, work, [desk]);
  expect(await run("plan")).toEqual({ stdout: "s: 1 object as described, nothing to do\n", stderr: "", exitCode: 0 });
  mapOf("m").set("a", "by hand");
  expect(await run("plan")).toMatchObject({
    exitCode: 9,
    stdout: expect.stringMatching(/~ text {2}by hand -> one\n {2}\+ write one/),
  });
  expect((await run("status")).stdout).toMatch(/NOTE +TEXT\na +by hand/);
  expect((await run("repair")).stdout).toContain("1 object repaired");
  expect((await run("status", "--json")).stdout).toContain(`"text": "one"`);

  expect(await started("destroy", { SHAREWRIGHT_CLAIM: "c" })).toMatch("removed as its policy says after 1 step");
  expect(mapOf("m").size).toBe(0);
});
