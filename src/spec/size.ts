// Sizes as exact bytes: reads and prints "10 TiB", the spelling of plans and messages. Imports nothing.

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;
const bytesOf = new Map<string | undefined, bigint>(units.map((unit, power) => [unit, 1024n ** BigInt(power)]));

/** The largest size Lustre can hold as a limit: 2^64 - 1 KiB blocks would overflow bytes, so 2^63 - 1 bytes. */
export const maxSize = 2n ** 63n - 1n;

/** Prints exact bytes in the largest unit that keeps them whole: 1073741824n is "1 GiB", 1025n is "1025 B". */
export function formatSize(bytes: bigint): string {
  let value = bytes;
  let unit = 0;
  while (value !== 0n && value % 1024n === 0n && unit < units.length - 1) {
    value /= 1024n;
    unit += 1;
  }
  return `${value} ${units[unit]}`;
}

/** Reads what `formatSize` prints (a blank before the unit is optional). Undefined when it is no size. */
export function parseSize(text: string): bigint | undefined {
  const match = /^(\d{1,20}) ?(B|[KMGTPE]iB)$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  const bytes = BigInt(match[1]) * (bytesOf.get(match[2]) ?? 0n);
  return bytes <= maxSize ? bytes : undefined;
}

/** Reads what people write: as `parseSize`, also with a fraction, and without an upper limit. Undefined when it is no whole number of bytes. */
export function sizeInText(text: string): bigint | undefined {
  const match = /^(\d{1,20})(?:\.(\d{1,20}))? ?(B|[KMGTPE]iB)$/.exec(text);
  if (!match?.[1] || !match[3]) return undefined;
  const fraction = match[2] ?? "";
  const scale = 10n ** BigInt(fraction.length);
  const bytes = BigInt(match[1] + fraction) * (bytesOf.get(match[3]) ?? 0n);
  return bytes % scale === 0n ? bytes / scale : undefined;
}

/** For people, never for parsing: "1.4 TiB". */
export function approximateSize(bytes: bigint): string {
  let unit = 0;
  let value = Number(bytes);
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}
