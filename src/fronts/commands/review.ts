// sharewright review: what a plan of Terraform does to shares, access and data, for whoever has to agree to it. Needs no storage and no stack.
import { appendFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fault } from "../../core/errors";
import { parsePlanJson } from "../plan-json";
import { exitAt, type Gate, review } from "../review";
import { type Answer, answering, type Context, type JsonFlags } from "./answer";
import { asMarkdown, asText } from "./review-text";

interface ReviewFlags extends JsonFlags {
  readonly markdown?: boolean;
  readonly stepSummary?: boolean;
  readonly failOn: Gate;
}

async function reviewPlan(context: Context, flags: ReviewFlags, plan: string): Promise<Answer> {
  if (flags.json && flags.markdown)
    throw fault("BAD_REQUEST", { summary: "--json and --markdown are two forms of one answer", fix: "ask for one of them" });
  const views = (await context.desks()).map(({ views }) => views);
  const read = await readPlan(context, plan);
  const found = review(parsePlanJson(read, plan === "-" ? "standard input" : plan), Object.assign({}, ...views));
  const { changes, harmless, notes } = found;
  if (flags.stepSummary) appendFileSync(summaryFile(context), asMarkdown(found));
  return {
    text: flags.markdown ? asMarkdown(found).trimEnd() : asText(found, context.terminal),
    document: { changes, harmless, notes },
    exitCode: exitAt(flags.failOn, found),
  };
}

async function readPlan(context: Context, plan: string): Promise<string> {
  if (plan === "-") return text(context.stdin());
  const path = resolve(context.workingDirectory, plan);
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw fault("BAD_REQUEST", { summary: `${path} cannot be read`, fix: "name the file, or - for standard input", cause });
  }
}

function summaryFile({ process, workingDirectory }: Context): string {
  const file = process.env["GITHUB_STEP_SUMMARY"];
  if (file) return resolve(workingDirectory, file);
  throw fault("BAD_REQUEST", {
    summary: "--step-summary is for GitHub Actions, and GITHUB_STEP_SUMMARY names no file",
    fix: "leave it out, or redirect --markdown",
  });
}

export default answering("review", reviewPlan);
