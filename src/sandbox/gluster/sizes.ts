// Sizes as gluster writes them for people: one decimal, and "0Bytes" for less than a KB (quota-list-*, status-detail).

const units = ["Bytes", "KB", "MB", "GB", "TB", "PB"] as const;

export function humanSize(bytes: bigint): string {
  let amount = Number(bytes);
  let unit = 0;
  for (; amount >= 1024 && unit < units.length - 1; unit++) amount /= 1024;
  return unit === 0 ? `${bytes}Bytes` : `${amount.toFixed(1)}${units[unit]}`;
}

/** "1073741824", "3GB"; undefined for what is no size of at least one byte. */
export function parseLimit(text: string): bigint | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|K|KB|M|MB|G|GB|T|TB|P|PB)?$/i.exec(text);
  if (!match) return undefined;
  const power = " KMGTP".indexOf((match[2] ?? "").charAt(0).toUpperCase().replace("B", " ") || " ");
  const bytes = BigInt(Math.round(Number(match[1]) * 1024 ** Math.min(power, 0))) * 1024n ** BigInt(power);
  return bytes > 0n && bytes <= 9223372036854775807n ? bytes : undefined;
}
