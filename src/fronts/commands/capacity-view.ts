// How the capacity of a file system or a cluster is shown.
import { defined } from "../../spec/defined";
import { approximateSize } from "../../spec/size";
import { bar, type Column, count, percent, table } from "./table";
import type { Terminal } from "./terminal";

/** An amount of bytes or of inodes. */
export interface Amount {
  used: bigint;
  total: bigint;
}

interface Row {
  name: string;
  amount?: Amount;
}

export interface CapacityView {
  name: string;
  data?: Amount;
  /** Absent where they are not counted. */
  inodes?: Row;
  /** Absent where they are not known. */
  promised?: bigint;
  shares?: number;
  /** Targets, or volumes. */
  parts: Row[];
  degraded: { name: string; why: string }[];
  notes: string[];
}

const columns: Column<Row & { text: (amount: bigint) => string }>[] = [
  { heading: "", cell: ({ name }) => name },
  { heading: "", cell: ({ amount }) => (amount ? bar(amount.used, amount.total) : "") },
  { heading: "USE", align: "right", cell: ({ amount }) => (amount ? percent(amount.used, amount.total) : "-") },
  { heading: "USED", align: "right", cell: ({ amount, text }) => (amount ? text(amount.used) : "-") },
  { heading: "TOTAL", align: "right", cell: ({ amount, text }) => (amount ? text(amount.total) : "unknown") },
];

const ofBytes = (row: Row) => ({ ...row, text: approximateSize });
const ofInodes = (row: Row) => ({ ...row, text: (inodes: bigint) => String(inodes) });

export function capacityText(terminal: Terminal, view: CapacityView): string {
  const { name, data, inodes, promised, shares, parts, degraded, notes } = view;
  const whole = [
    ofBytes({ name: "data", ...defined({ amount: data }) }),
    ofBytes({
      name: shares === undefined ? "promised" : `promised to ${count(shares, "share")}`,
      ...(data && promised !== undefined ? { amount: { used: promised, total: data.total } } : {}),
    }),
    ...(inodes ? [ofInodes(inodes)] : []),
  ];
  return [
    `${terminal.paint("bold", name)}${degraded.length > 0 ? `  ${terminal.paint("red", "DEGRADED")}` : ""}`,
    table(columns, whole, terminal.columns),
    ...(parts.length > 0 ? ["", table(columns, parts.map(ofBytes), terminal.columns)] : []),
    ...(degraded.length > 0 ? ["", ...degraded.map(({ name, why }) => `${terminal.paint("red", "down")}  ${name}: ${why}`)] : []),
    ...(data && data.total > 0n && promised !== undefined ? ["", commitmentLine(promised, data.total)] : []),
    ...notes.map((note) => `note: ${note}`),
  ].join("\n");
}

/** What is promised, as a multiple of what is there; undefined where that is not known. */
export function overCommit(promised: bigint | undefined, total: bigint | undefined): number | undefined {
  return total && promised !== undefined ? Number((promised * 100n) / total) / 100 : undefined;
}

function commitmentLine(promised: bigint, total: bigint): string {
  const ratio = (overCommit(promised, total) ?? 0).toFixed(2);
  return promised > total
    ? `limits promise ${approximateSize(promised)}, ${ratio} times what is there: over-committed by ${approximateSize(promised - total)}`
    : `limits promise ${approximateSize(promised)}, ${ratio} times what is there; ${approximateSize(total - promised)} not promised yet`;
}
