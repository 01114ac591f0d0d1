// sharewright capacity: what the file system holds, and how much of it limits have promised. Changes nothing.
import { type Amount, type Capacity, readCapacity, type TargetCapacity } from "../../backends/lustre/capacity";
import { approximateSize } from "../../spec/size";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { eachFileSystem, openConfig } from "./site";
import { bar, type Column, count, percent, table } from "./table";

async function capacity(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const found = await eachFileSystem(context, openConfig(context, directory), flags.json, (site) => {
    context.terminal.progress(`asking the targets of ${site.fileSystem.fsName}`);
    return readCapacity(site);
  });
  return {
    text: found.map((each) => capacityText(context, each)).join("\n\n"),
    document: { fileSystems: found.map(capacityDocument) },
  };
}

interface Row {
  name: string;
  amount?: Amount;
  text: (amount: bigint) => string;
}

const columns: Column<Row>[] = [
  { heading: "", cell: ({ name }) => name },
  { heading: "", cell: ({ amount }) => (amount ? bar(amount.used, amount.total) : "") },
  { heading: "USE", align: "right", cell: ({ amount }) => (amount ? percent(amount.used, amount.total) : "-") },
  { heading: "USED", align: "right", cell: ({ amount, text }) => (amount ? text(amount.used) : "-") },
  { heading: "TOTAL", align: "right", cell: ({ amount, text }) => (amount ? text(amount.total) : "unknown") },
];

const inodeText = (inodes: bigint) => String(inodes);

function capacityText({ terminal }: Context, seen: Capacity): string {
  const { fsName, bytes, inodes, targets, degraded, promised, shares, notes } = seen;
  const whole: Row[] = [
    { name: "data", text: approximateSize, ...(bytes ? { amount: bytes } : {}) },
    {
      name: `promised to ${count(shares, "share")}`,
      text: approximateSize,
      ...(bytes ? { amount: { used: promised, total: bytes.total } } : {}),
    },
    { name: "inodes", text: inodeText, ...(inodes ? { amount: inodes } : {}) },
  ];
  return [
    `${terminal.paint("bold", fsName)}${degraded.length > 0 ? `  ${terminal.paint("red", "DEGRADED")}` : ""}`,
    table(columns, whole, terminal.columns),
    ...(targets.length > 0 ? ["", table(columns, targets.flatMap(targetRows), terminal.columns)] : []),
    ...(degraded.length > 0 ? ["", ...degraded.map(({ name, why }) => `${terminal.paint("red", "down")}  ${name}: ${why}`)] : []),
    ...(overCommit(seen) === undefined ? [] : ["", commitmentLine(seen)]),
    ...notes.map((note) => `note: ${note}`),
  ].join("\n");
}

function targetRows({ name, bytes }: TargetCapacity): Row[] {
  return [{ name, amount: bytes, text: approximateSize }];
}

/** What is promised, as a multiple of what is there; undefined where that is not known. */
function overCommit({ bytes, promised }: Capacity): number | undefined {
  return bytes && bytes.total > 0n ? Number((promised * 100n) / bytes.total) / 100 : undefined;
}

function commitmentLine(seen: Capacity): string {
  const { bytes, promised } = seen;
  const total = bytes?.total ?? 0n;
  const ratio = (overCommit(seen) ?? 0).toFixed(2);
  return promised > total
    ? `limits promise ${approximateSize(promised)}, ${ratio} times what is there: over-committed by ${approximateSize(promised - total)}`
    : `limits promise ${approximateSize(promised)}, ${ratio} times what is there; ${approximateSize(total - promised)} not promised yet`;
}

function capacityDocument(seen: Capacity): Record<string, unknown> {
  return { ...seen, bytes: seen.bytes ?? null, inodes: seen.inodes ?? null, overCommit: overCommit(seen) ?? null };
}

export default answering("capacity", capacity);
