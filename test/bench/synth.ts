// CPU time of synthesizing n shares, against n plain null_resources with the same triggers and one local-exec each.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource } from "@cdktf/provider-null/lib/resource";
import { App, TerraformStack, Testing } from "cdktf";
import { LustreFileSystem, LustreShare, Size } from "../../lib";
import type { Tell } from "./hooks";
import type { Block, Line } from "./report";

/** The least of `rounds` runs each, taken in turns so that both see the same machine. */
function measureSynth(shares: number, rounds: number): Line {
  const triggers = sampleTriggers();
  let [sharesMs, plainMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round += 1) {
    plainMs = Math.min(
      plainMs,
      cpu((stack) => plainResources(stack, shares, triggers)),
    );
    sharesMs = Math.min(
      sharesMs,
      cpu((stack) => lustreShares(stack, shares)),
    );
  }
  return {
    what: `${shares} shares`,
    figures: { "CPU, ms": sharesMs, "plain resources, ms": plainMs, times: sharesMs / plainMs },
  };
}

export function synthesis(tell: Tell): Block[] {
  const lines = [100, 1_000].map((shares) => {
    tell(`${shares} shares`);
    return measureSynth(shares, 3);
  });
  return [{ title: "synthesis", lines }];
}

function cpu(fill: (stack: TerraformStack) => void): number {
  const outdir = mkdtempSync(join(tmpdir(), "sharewright-synth-"));
  const app = new App({ outdir, stackTraces: false });
  const start = process.cpuUsage();
  fill(new TerraformStack(app, "bench"));
  app.synth();
  const { user, system } = process.cpuUsage(start);
  rmSync(outdir, { recursive: true });
  return (user + system) / 1000;
}

function lustreShares(stack: TerraformStack, shares: number): void {
  const fileSystem = new LustreFileSystem(stack, "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
  for (let index = 0; index < shares; index += 1) {
    new LustreShare(stack, `share-${index}`, { fileSystem, size: Size.tebibytes(1), owner: { uid: 1000, gid: 1000 } });
  }
}

function plainResources(stack: TerraformStack, shares: number, sample: Sample): void {
  new NullProvider(stack, "null");
  for (let index = 0; index < shares; index += 1) {
    new Resource(stack, `share-${index}`, { triggers: { ...sample.triggers }, provisioners: [{ ...sample.provisioner }] });
  }
}

interface Sample {
  readonly triggers: Record<string, string>;
  readonly provisioner: { type: "local-exec"; command: string; interpreter: string[]; environment: Record<string, string> };
}

// What one share really gets.
function sampleTriggers(): Sample {
  const stack = new TerraformStack(Testing.app(), "sample");
  lustreShares(stack, 1);
  const { triggers, provisioner } = JSON.parse(Testing.synth(stack)).resource.null_resource["share-0"];
  return { triggers, provisioner: { type: "local-exec", ...provisioner[0]["local-exec"] } };
}
