// sharewright doctor: whether limits and access can hold here, and what to do where they cannot.

import type { Check } from "../../core/check";
import { succeeded } from "../../core/command";
import { oneLine, printable } from "../../core/printable";
import { localTransport } from "../../transports/local";
import { terraformBinaries } from "../stack-state";
import { type Answer, answering, type CommonFlags, type Context, environmentOf } from "./answer";
import { callOf, eachDesk, openConfig, stackNamed } from "./site";
import { type Column, count, table } from "./table";

const refusedExit = 3;

async function doctor(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const config = await openConfig(context, stackNamed(flags, directory));
  const here = [nodeVersion(process.versions.node), await terraform(environmentOf(context))];
  const call = callOf(context, flags);
  const there = (await eachDesk(context, config, (desk) => desk.check(config, call))).flat();
  const checks = [...here, ...there.flatMap((site) => site.checks)];
  const bad = checks.filter(({ verdict }) => verdict === "bad");
  const toMend = checks.filter(({ verdict }) => verdict === "bad" || verdict === "warning");
  const fixes = toMend.flatMap(({ about, fix }) => (fix === undefined ? [] : [`fix  ${about}: ${printable(fix, "     ")}`]));
  return {
    text: [
      table(columns, checks, context.terminal.columns),
      ...(fixes.length > 0 ? ["", ...(fixes.length > 1 ? ["in this order:"] : []), ...fixes] : []),
      "",
      summary(checks),
    ].join("\n"),
    document: { checks, connections: there.flatMap(({ connections }) => connections) },
    exitCode: bad.length > 0 ? refusedExit : 0,
  };
}

const columns: Column<Check>[] = [
  { heading: "", cell: ({ verdict }) => verdict },
  { heading: "CHECK", cell: ({ about }) => about },
  { heading: "FOUND", cell: ({ found }) => oneLine(found), shrinkTo: 24, wrap: true },
];

function summary(checks: readonly Check[]): string {
  const number = (verdict: Check["verdict"]) => checks.filter((check) => check.verdict === verdict).length;
  const others = [
    ...(number("warning") > 0 ? [`, ${count(number("warning"), "warning")}`] : []),
    ...(number("unknown") > 0 ? [`, ${number("unknown")} not verified`] : []),
  ].join("");
  return number("bad") === 0
    ? `all ${number("good")} checks are good${others}`
    : `${number("bad")} bad, ${number("good")} good${others}`;
}

const minNode = [20, 9] as const;

function nodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const old = major < minNode[0] || (major === minNode[0] && minor < minNode[1]);
  const common = { id: "node", about: "Node.js" };
  return old
    ? { ...common, verdict: "bad", found: version, fix: "install Node.js 20.9 or later" }
    : { ...common, verdict: "good", found: version };
}

async function terraform(environment: NodeJS.ProcessEnv): Promise<Check> {
  const transport = localTransport({ environment: { ...environment, CHECKPOINT_DISABLE: "1" } });
  const common = { id: "terraform", about: "Terraform or OpenTofu" };
  for (const binary of terraformBinaries(environment)) {
    const result = await transport.run({ argv: [binary, "version"], timeoutMs: 30_000 });
    if (succeeded(result)) return { ...common, verdict: "good", found: result.stdout.split("\n")[0] ?? binary };
  }
  const found = `none of ${terraformBinaries(environment).join(", ")} can be run here`;
  return { ...common, verdict: "bad", found, fix: "install Terraform or OpenTofu, or name it in TERRAFORM_BINARY_NAME" };
}

export default answering("doctor", doctor);
