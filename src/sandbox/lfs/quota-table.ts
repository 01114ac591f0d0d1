// The tables of lfs quota, to the blank: 2.17 (golden c013 to c082) and 2.16 (golden m216-005 to m216-016).
import { graceLeft, isOver } from "../limits";
import { has, lastValue, type Parsed } from "../options";
import { isDegraded, isTwoSixteen, type Limits, type Quota, type State } from "../state";
import type { Usage } from "../usage";
import { formatSeconds, quotaSize } from "./numbers";

/** Fields that may be asked for one by one; then nothing else is printed (golden c080). */
export const selectedFields = [
  { name: "busage", longs: ["blocks", "busage", "space"] },
  { name: "bsoftlimit", longs: ["block-softlimit", "bsoftlimit"] },
  { name: "bhardlimit", longs: ["block-hardlimit", "bhardlimit"] },
  { name: "bgrace", longs: ["block-grace", "bgrace", "btime"] },
  { name: "iusage", longs: ["inodes", "iusage"] },
  { name: "isoftlimit", longs: ["inode-softlimit", "isoftlimit"] },
  { name: "ihardlimit", longs: ["inode-hardlimit", "ihardlimit"] },
  { name: "igrace", longs: ["inode-grace", "igrace", "itime"] },
] as const;

export interface Columns {
  quiet: boolean;
  human: boolean;
  twoSixteen: boolean;
  delimiter: string;
  selected: string[];
  header: string;
  listHeader: string;
  defaultHeader: string;
}

export interface Row {
  mount: string;
  id: number;
  /** Stands in lists in place of the id. */
  name?: string;
  used: Usage;
  limits: Quota;
}

/** A cell is a text, and a mark that stands right of it: `*` for "over". */
interface Cell {
  text: string;
  mark: "" | "*";
}

const headings217 = ["bquota", "blimit", "bgrace", "files", "iquota", "ilimit", "igrace"];
const headings216 = ["quota", "limit", "grace", "files", "quota", "limit", "grace"];

export function columnsOf(state: State, parsed: Parsed): Columns {
  const columns: Columns = {
    quiet: has(parsed, "quiet"),
    human: has(parsed, "human"),
    twoSixteen: isTwoSixteen(state),
    delimiter: lastValue(parsed, "delimiter") ?? "",
    selected: selectedFields.filter(({ name }) => has(parsed, name)).map(({ name }) => name),
    header: "",
    listHeader: "",
    defaultHeader: "",
  };
  const used = columns.human ? "used" : "kbytes";
  const rest = columns.twoSixteen ? headings216 : headings217;
  const title = (before: string[], names: string[]) => line(columns, "Filesystem", before, names.map(plain));
  columns.header = columns.selected.length > 0 ? chosen(columns, [used, ...rest].map(plain)) : title([], [used, ...rest]);
  columns.listHeader = title(["quota_id"], [used, ...rest]);
  columns.defaultHeader = title(
    [],
    rest.filter((name) => name !== "files"),
  );
  return columns;
}

export function quotaRow(state: State, columns: Columns, row: Row): string {
  const cells = cellsOf(state, columns, row);
  return columns.selected.length === 0 ? line(columns, row.mount, [], cells) : chosen(columns, cells);
}

/** Fields that were asked for one by one, with their own heading (golden c080, y420). */
function chosen({ selected }: Columns, cells: readonly Cell[]): string {
  const wanted = cells.filter((_, index) => selected.includes(selectedFields[index]?.name ?? ""));
  return `${wanted.map(({ text, mark }) => `${text}${mark}`.padStart(7)).join(" ")} \n`;
}

export function listRow(state: State, columns: Columns, row: Row): string {
  const cells = cellsOf(state, columns, row);
  const { blockDefault, inodeDefault, deletedAt } = row.limits;
  for (const [index, flag] of [blockDefault, blockDefault, inodeDefault, inodeDefault].entries()) {
    const cell = cells[[1, 2, 5, 6][index] ?? 0];
    if (flag && deletedAt !== undefined && cell) cell.text = `[${cell.text}]`;
  }
  return line(columns, row.mount, [row.name ?? String(row.id)], cells);
}

export function defaultRow(columns: Columns, mount: string, limits: Limits): string {
  const size = (kib: number) => (columns.human ? quotaSize(kib) : String(kib));
  const texts = [size(limits.blockSoft), size(limits.blockHard), "-", String(limits.inodeSoft), String(limits.inodeHard), "-"];
  return line(columns, mount, [], texts.map(plain));
}

/** -v: what each target holds. Lustre shows the grants of each, which the sandbox does not model: usage stands in their place. */
export function targetRows(state: State, columns: Columns, { used, limits }: Row): string {
  const osts = state.targets.filter(({ kind }) => kind === "ost");
  const rows = state.targets
    .filter(({ up }) => up)
    .map((target) => {
      const kib = target.kind === "mdt" ? 0 : Math.floor(used.kib / osts.length);
      const inodes = target.kind === "mdt" ? used.inodes : 0;
      const cells = [kib, "-", kib, "-", inodes, "-", limits.inodeHard, "-"].map((value) => plain(String(value)));
      return line(columns, `${state.fsName}-${target.name}`, [], cells);
    });
  return `${rows.join("")}Total allocated inode limit: ${limits.inodeHard}, total allocated block limit: ${limits.blockHard}\n`;
}

function cellsOf(state: State, { human, twoSixteen }: Columns, { used, limits }: Row): Cell[] {
  const now = Date.now();
  const blockOver = isOver(used.kib, limits.blockSoft, limits.blockHard);
  const inodeOver = isOver(used.inodes, limits.inodeSoft, limits.inodeHard);
  const away = isDegraded(state);
  const kbytes = human ? quotaSize(used.kib) : String(used.kib);
  const size = (kib: number) => (human ? quotaSize(kib) : String(kib));
  const blockGrace = graceLeft(
    limits.blockSoft > 0 && used.kib > limits.blockSoft,
    limits.blockOverSince,
    state.grace.block,
    now,
  );
  const inodeGrace = graceLeft(
    limits.inodeSoft > 0 && used.inodes > limits.inodeSoft,
    limits.inodeOverSince,
    state.grace.inode,
    now,
  );
  // 2.17.0 prints the star and the grace of the files from the state of the blocks: 21 of 20 files has no star (golden q019), 3 of 5
  // has one and a grace (q031)
  const [filesOver, filesGrace] = twoSixteen ? [inodeOver, inodeGrace] : [blockOver, blockGrace];
  return [
    { text: away ? `[${kbytes}]` : kbytes, mark: blockOver ? "*" : "" }, // "[28]*" (golden y417)
    plain(size(limits.blockSoft)),
    plain(size(limits.blockHard)),
    plain(graceWords(blockGrace)),
    { text: String(used.inodes), mark: filesOver ? "*" : "" },
    plain(String(limits.inodeSoft)),
    plain(String(limits.inodeHard)),
    plain(graceWords(filesGrace)),
  ];
}

function graceWords(left: number | string | undefined): string {
  return left === undefined ? "-" : typeof left === "number" ? formatSeconds(left) : left;
}

function plain(text: string): Cell {
  return { text, mark: "" };
}

/** 2.17 keeps a cell's mark inside its width and ends the line with a blank; 2.16 puts the mark behind it (golden m216-033). */
function line(columns: Columns, first: string, between: string[], cells: Cell[]): string {
  const { delimiter, twoSixteen } = columns;
  if (delimiter) {
    const texts = [
      first.padStart(15),
      ...between.map((text) => text.padStart(9)),
      ...cells.map(({ text, mark }) => `${text}${mark}`.padStart(7)),
    ];
    return ` ${texts.map((text) => `${text}${delimiter}`).join(" ")}\n`;
  }
  const middle = between.map((text) => ` ${text.padStart(9)}`).join("");
  if (!twoSixteen)
    return `${first.padStart(15)}${middle}${cells.map(({ text, mark }) => ` ${`${text}${mark}`.padStart(7)}`).join("")} \n`;
  let row = `${first.padStart(16)}${middle}`;
  let space = " ";
  for (const { text, mark } of cells) {
    row += `${space}${text.padStart(7)}${mark}`;
    space = mark ? "" : " ";
  }
  return `${row}\n`;
}
