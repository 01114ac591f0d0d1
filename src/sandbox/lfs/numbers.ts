// Sizes as lfs reads and prints them.

/**
 * `lfs setquota`: plain numbers are in `unit` bytes or inodes, `b` is one; K, KB, KiB and so on; fractions are fine (golden c033 to c044,
 * y233, y251). What is below a whole number is dropped.
 */
export function parseLimit(text: string, unit: 1 | 1024): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(?:(b)|([kmgtpe])(?:i?b)?)?$/i.exec(text);
  if (!match) return undefined;
  const [, digits = "", one, letter] = match;
  return Math.floor(Number(digits) * (one ? 1 : letter ? 1024 ** ("kmgtpe".indexOf(letter.toLowerCase()) + 1) : unit));
}

/** `lfs setstripe -S`, `-E`: plain numbers are bytes. */
export function parseBytes(text: string): bigint | undefined {
  const match = /^(\d+)(?:([kmgtpe])(?:i?b)?)?$/i.exec(text);
  if (!match) return undefined;
  return BigInt(match[1] ?? 0) * 1024n ** BigInt(match[2] ? "kmgtpe".indexOf(match[2].toLowerCase()) + 1 : 0);
}

/** `lfs quota -h`: four significant digits (45.01M of 46088 KiB, golden q009; 4.535M, c077). */
export function quotaSize(kib: number): string {
  let size = kib;
  let unit = 0;
  for (; size >= 1024 && unit < 4; unit++) size /= 1024;
  return `${Number(size.toPrecision(4))}${"kMGTP"[unit]}`;
}

/** `lfs df -h`, -ih: one decimal. `unit` 0 means that the count itself is printed (275 inodes, golden a018). */
export function dfSize(count: number, firstUnit: "" | "K"): { text: string; scaled: boolean } {
  const units = firstUnit === "K" ? ["K", "M", "G", "T", "P"] : ["", "K", "M", "G", "T", "P"];
  let size = count;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  const scaled = units[unit] !== "";
  return { text: scaled ? `${size.toFixed(1)}${units[unit]}` : String(size), scaled };
}

/** Grace times: `1w`, `2d`, `1w2d3h`, plain seconds (golden c070, q031, y664). */
export function parseSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+[wdhms])+$/.test(text)) return undefined;
  const seconds = { w: 604800, d: 86400, h: 3600, m: 60, s: 1 };
  return [...text.matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * seconds[unit as keyof typeof seconds],
    0,
  );
}

export function formatSeconds(total: number): string {
  const parts: [string, number][] = [
    ["w", 604800],
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ];
  let left = total;
  let text = "";
  for (const [unit, seconds] of parts) {
    const count = Math.floor(left / seconds);
    if (count > 0) text += `${count}${unit}`;
    left -= count * seconds;
  }
  return text || "0s";
}
