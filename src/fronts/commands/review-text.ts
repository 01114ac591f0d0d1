// How a review is told: to people at a terminal, and as one comment on a pull request. Pure.
import { oneLine } from "../../core/printable";
import { type Change, changeKinds, type Review } from "../review";
import { keyText } from "../surveyed";
import { count } from "./table";
import type { Terminal } from "./terminal";

const headings: Readonly<Record<Change["is"], string>> = {
  goes: "data goes",
  retained: "no longer managed",
  left: "left behind",
  closed: "access closed",
  opened: "access opened",
  altered: "access changed",
  resized: "resized",
  changed: "changed",
  adopted: "adopted",
  made: "made",
  moved: "moved",
};

/** Makes a text of the plan fit for where it is told. */
type Quote = (text: string) => string;

const fates: Readonly<Record<string, string>> = {
  retain: "its data stays",
  destroy: "its data is deleted",
  trash: "its data goes to the trash, until it is purged",
};

const asLastApplied = "policy as last applied, perhaps destroy: its data may be deleted";

/** What becomes of it, behind its key. */
function tell(change: Change, quote: Quote): string {
  const { is, what, policy, size, properties = [], from = "", address } = change;
  const sized = size === undefined ? "" : `${quote(size)}, `;
  switch (is) {
    case "goes":
      return what === "snapshot" ? snapshotGoes(change) : `${sized}${fateOf(change, quote)}`;
    case "retained":
      return `${sized}${retainedText(change, quote)}`;
    case "left":
      return "Terraform forgets it and runs no hook: it stays as it is on the storage, access included, managed by nobody";
    case "closed":
    case "opened":
      return grantText(change, quote);
    case "altered":
    case "resized":
    case "changed":
      return properties.map((each) => `${each.property} ${quote(each.from)} -> ${quote(each.to)}`).join(", ");
    case "adopted":
    case "made":
      return `${sized}${policy === undefined ? what : `removal policy ${quote(policy)}`}`;
    case "moved":
      return `${quote(from)} -> ${quote(address)}`;
  }
}

function snapshotGoes({ again }: Change): string {
  return `the snapshot is deleted${again ? ", then made anew of what is there now" : ""}`;
}

function fateOf(change: Change, quote: Quote): string {
  const { policy, unproven, again } = change;
  const fate = policy === undefined ? asLastApplied : `${quote(policy)}: ${fates[policy] ?? "its data may go"}`;
  const doubt = policy !== undefined && unproven ? "; as the code said last, whether or not an apply has come that far" : "";
  return `${fate}${doubt}${again ? "; then it is made anew, empty" : ""}${protectedText(change)}`;
}

function retainedText(change: Change, quote: Quote): string {
  return `${quote("retain")}: its data stays, ${change.again ? "and is taken up again" : "managed by nobody"}${protectedText(change)}`;
}

function protectedText({ protected: isProtected }: Change): string {
  return isProtected ? "; refused, as long as deletion protection is on" : "";
}

function grantText({ who, level, again }: Change, quote: Quote): string {
  const clients = who === undefined ? "whoever was let in last" : who.map(quote).join(", ");
  return [clients, ...(level === undefined ? [] : [quote(level)]), ...(again ? ["(its claim is replaced)"] : [])].join(" ");
}

function sectionsOf({ changes }: Review): { is: Change["is"]; heading: string; changes: Change[] }[] {
  return changeKinds
    .map((is) => ({ is, heading: headings[is], changes: changes.filter((change) => change.is === is) }))
    .filter((section) => section.changes.length > 0);
}

/** "data goes 1, resized 2; 3 replacements are harmless" */
function headline(review: Review): string {
  if (review.resources === 0) return "nothing of sharewright is in this plan";
  const counts = sectionsOf(review).map(({ heading, changes }) => `${heading} ${changes.length}`);
  const changed = counts.length > 0 ? counts.join(", ") : "no share, access or data changes";
  return review.harmless === 0 ? changed : `${changed}; ${harmless(review)}`;
}

function harmless({ harmless }: Review): string {
  return `${count(harmless, "replacement")} ${harmless === 1 ? "is" : "are"} harmless`;
}

const whyHarmless = "An applied resource is replaced whenever a property of it changes, and nothing is done when it goes.";

const longest = 200;
const brief = (text: string) => {
  const line = oneLine(text);
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
};

export function asText(review: Review, terminal: Pick<Terminal, "paint">): string {
  const blocks = sectionsOf(review).map(({ is, heading, changes }) => {
    const width = Math.max(...changes.map((change) => keyText(change).length));
    const rows = changes.map((change) => `  ${oneLine(keyText(change)).padEnd(width)}  ${tell(change, brief)}`);
    const painted = is === "goes" ? terminal.paint("red", heading) : terminal.paint("bold", heading);
    return [`${painted} (${changes.length})`, ...rows].join("\n");
  });
  const notes = review.notes.map((note) => `note: ${note}`);
  const why = review.harmless > 0 ? [`${harmless(review)}. ${whyHarmless}`] : [];
  return [...(notes.length > 0 ? [notes.join("\n")] : []), ...blocks, ...why, `review: ${headline(review)}`].join("\n\n");
}

// ---- one comment -------------------------------------------------------------------------------------------------------------

/** By which a pipeline finds the comment that it is to replace. */
export const marker = "<!-- sharewright review -->";

/** GitHub takes 65,536 characters. */
export const maxComment = 65_000;

/** Nothing in it is read as markdown, a mention or HTML: the fence is longer than any run of backticks in it. */
function code(text: string): string {
  const line = brief(text);
  const fence = "`".repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  return fence === "`" && line.trim() !== "" ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

/** What goes is told in the open, the rest is folded. What does not fit is counted. */
export function asMarkdown(review: Review): string {
  const head = [marker, `### Shares: ${headline(review)}`, ...review.notes.map((note) => `> **Note:** ${note}`)].join("\n\n");
  const why = review.harmless > 0 ? `\n\n${harmless(review)}. ${whyHarmless}` : "";
  const sections = sectionsOf(review).map(({ is, heading, changes }) => ({
    open: is === "goes" ? `**${heading} (${changes.length})**\n` : `<details><summary>${heading} (${changes.length})</summary>\n`,
    rows: changes.map((change) => `- ${code(keyText(change))} ${tellShort(change)}`),
    close: is === "goes" ? "" : "\n</details>",
  }));
  const rest = more(review.changes.length).length;
  const frame = sections.reduce((sum, { open, close }) => sum + open.length + close.length + rest + "\n\n\n\n".length, 0);
  let left = maxComment - head.length - why.length - frame - 1;
  const blocks = sections.map(({ open, rows, close }) => {
    const fits = rows.findIndex((row) => {
      left -= row.length + 1;
      return left < 0;
    });
    const shown = fits < 0 ? rows : [...rows.slice(0, fits), more(rows.length - fits)];
    return [open, ...shown, ...(close ? [close] : [])].join("\n");
  });
  return `${[head, ...blocks].join("\n\n")}${why}\n`;
}

const more = (rows: number) => `- and ${rows} more, which \`sharewright review\` tells at a terminal`;

const longestRow = 2000;

function tellShort(change: Change): string {
  const { who = [], properties = [] } = change;
  const text = tell(change, code);
  if (text.length <= longestRow) return text;
  // Shortened by whole values, so that no fence is left open.
  const most = 5;
  const told = tell(
    { ...change, ...(change.who ? { who: who.slice(0, most) } : {}), properties: properties.slice(0, most) },
    code,
  );
  return `${told} and ${who.length + properties.length - most} more`;
}
