// Access rules for tests: short to write, and random ones over few addresses, so that they meet.
import fc from "fast-check";
import type { CompilableRule } from "../../../src/backends/lustre/access/compiler";
import { type NidInterval, parseClient } from "../../../src/spec/address";
import { type AccessLevel, type AccessRuleSpec, rbacRoles, type Squash } from "../../../src/spec/lustre";

export function rule(
  key: string,
  path: string,
  clients: string,
  level: AccessLevel = "rw",
  more: Partial<AccessRuleSpec> = {},
): CompilableRule {
  const list = clients.split(", ");
  return {
    key,
    spec: {
      share: path.slice(1),
      fileset: path,
      clients: list,
      level,
      squash: { kind: "root" },
      advisoryReadOnly: false,
      adopt: false,
      ...more,
    },
    intervals: list.map((client) => parseClient(client, "tcp")),
  };
}

/** Addresses 10.0.0.0 to 10.0.0.23 on two nets. */
export const universe: { net: string; value: bigint }[] = ["o2ib", "tcp"].flatMap((net) =>
  Array.from({ length: 24 }, (_, index) => ({ net, value: 0x0a000000n + BigInt(index) })),
);

const interval = fc.tuple(fc.constantFrom("tcp", "tcp", "o2ib"), fc.nat(23), fc.nat(11)).map(
  ([net, from, size]): NidInterval => ({
    net,
    family: 4,
    start: 0x0a000000n + BigInt(from),
    end: 0x0a000000n + BigInt(Math.min(from + size, 23)),
  }),
);
const squash = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Squash>({ kind: "root" }) },
  { weight: 1, arbitrary: fc.constant<Squash>({ kind: "none" }) },
  { weight: 1, arbitrary: fc.constant<Squash>({ kind: "all", uid: 1000, gid: 1000 }) },
);
const spec = fc.record({
  fileset: fc.constantFrom("/shares/a", "/shares/b", "/shares/c"),
  level: fc.oneof(
    { weight: 3, arbitrary: fc.constant<AccessLevel>("rw") },
    { weight: 2, arbitrary: fc.constant<AccessLevel>("ro") },
  ),
  squash,
  rbac: fc.option(fc.subarray([...rbacRoles].slice(0, 2)), { nil: undefined, freq: 8 }),
  advisoryReadOnly: fc.boolean(),
});

export const ruleSet: fc.Arbitrary<CompilableRule[]> = fc
  .array(fc.tuple(spec, fc.array(interval, { minLength: 1, maxLength: 3 })), { maxLength: 6 })
  .map((rules) =>
    rules.map(([{ fileset, level, squash: squashed, rbac, advisoryReadOnly }, intervals], index) => ({
      key: `${fileset.slice(1)}#r${index}`,
      spec: {
        share: fileset.slice(1),
        fileset,
        clients: [],
        level,
        squash: squashed,
        ...(rbac ? { rbac } : {}),
        advisoryReadOnly,
        adopt: false,
      },
      intervals,
    })),
  );

export function holds(intervals: readonly NidInterval[], { net, value }: { net: string; value: bigint }): boolean {
  return intervals.some((range) => range.net === net && range.start <= value && value <= range.end);
}
