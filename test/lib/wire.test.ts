// Whatever valid properties say, the executor reads it, and reads the same.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AccessLevel,
  LustreAccessRule,
  LustreLayout,
  LustreShare,
  type LustreShareProps,
  type LustreStriping,
  LustreVersion,
  RemovalPolicy,
  Revocation,
  Size,
  Squash,
} from "../../lib";
import { type AccessRuleSpec, fileSystemSchema, rbacRoles, ruleMessage, shareMessage } from "../../src/spec/lustre";
import { holds, hookOf, hookVariable, newFileSystem, newStack, rootOwner, synth, tenTebibytes } from "./support";

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const id32 = fc.integer({ min: 0, max: 4294967294 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const striping: fc.Arbitrary<LustreStriping> = fc.record(
  {
    stripeCount: fc.constantFrom(-1, 1, 4, 2000),
    stripeSize: fc.integer({ min: 1, max: 1000 }).map((count) => Size.kibibytes(64 * count)),
    pool: fc.stringMatching(/^[A-Za-z0-9_-]{1,15}$/),
  },
  { requiredKeys: ["stripeCount"] },
);
const layout = fc.oneof(
  striping.map((all) => LustreLayout.striped(all)),
  striping.map((rest) => LustreLayout.dataOnMdt(Size.mebibytes(1), rest)),
  // A component ends with a whole stripe.
  fc.tuple(striping, striping).map(([first, rest]) => {
    const end = Size.bytes(1024 * Number(Size.parse(String(first.stripeSize ?? "1 MiB")).toBytes()));
    return LustreLayout.progressive([{ ...first, end }, rest]);
  }),
);

const share = fc.record({
  shareName: name,
  soft: fc.integer({ min: 1024, max: 2 ** 31 }),
  more: fc.nat(2 ** 31),
  softInodes: fc.integer({ min: 1024, max: 2 ** 31 }),
  moreInodes: fc.nat(2 ** 40),
  withSoft: fc.boolean(),
  withInodes: fc.boolean(),
  uid: id32,
  gid: id32,
  mode: fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }))
    .map(([special, group, others]) => special * 0o1000 + 0o700 + group * 0o10 + (others & group)),
  layout: optional(layout),
  removalPolicy: fc.constantFrom(...Object.values(RemovalPolicy)),
  adopt: fc.constantFrom(false, true, { path: "/other/place" }),
  description: optional(fc.string({ unit: "binary", maxLength: 40 })),
});

const rule = fc.record({
  ruleName: name,
  clients: fc.array(fc.constantFrom("10.1.0.5", "10.2.0.0/16", "10.3.0.[1-20]@tcp", "fd00::/64"), { minLength: 1, maxLength: 3 }),
  level: fc.constantFrom(...Object.values(AccessLevel)),
  squash: fc.oneof(
    fc.constant({ kind: "root" as const }),
    fc.constant({ kind: "none" as const }),
    fc.tuple(fc.integer({ min: 1, max: 4294967294 }), id32).map(([uid, gid]) => ({ kind: "all" as const, uid, gid })),
  ),
  rbac: optional(fc.subarray([...rbacRoles])),
  advisoryReadOnly: fc.boolean(),
});

describe("what the constructs send", () => {
  it("is the share that was described", () => {
    holds(
      fc.property(share, (given) => {
        const [soft, size] = [Size.kibibytes(given.soft), Size.kibibytes(given.soft + given.more)];
        const inodes = given.softInodes + given.moreInodes;
        const { shareName, uid, gid, mode, removalPolicy, adopt, layout, description } = given;
        const stack = newStack();
        new LustreShare(stack, "s", {
          fileSystem: newFileSystem(stack),
          ...{ shareName, size, mode, removalPolicy, adopt, owner: { uid, gid } },
          ...only(given.withSoft, { softSize: soft }),
          ...only(given.withInodes, { inodes, softInodes: given.softInodes }),
          ...only(layout, { layout }),
          ...only(description !== undefined, { description }),
        } as LustreShareProps);
        const synthesized = synth(stack);
        const { spec } = shareMessage.triggers.parse(received(synthesized.resource["null_resource"]?.["s"]?.triggers));
        expect(hookOf(synthesized, "s"), "U-04").toEqual(["lustre.share", adopt ? "adopt" : "apply"]);
        expect(spec).toEqual({
          fileset: typeof adopt === "object" ? adopt.path : `/shares/${shareName}`,
          ...{ size: size.toBytes(), owner: { uid, gid }, mode, removalPolicy, adopt: false },
          ...only(given.withSoft, { softSize: soft.toBytes() }),
          ...only(given.withInodes, { inodes: BigInt(inodes), softInodes: BigInt(given.softInodes) }),
          ...only(layout, { layout: layout?.toSpec() }),
          ...only(description !== undefined, { description }),
        });
      }),
    );
  });

  it("is the access rule that was described", () => {
    holds(
      fc.property(rule, (given) => {
        const stack = newStack();
        const fileSystem = newFileSystem(stack);
        const { squash } = given;
        const advisoryReadOnly = given.advisoryReadOnly && given.level === AccessLevel.READ_ONLY;
        new LustreAccessRule(stack, "r", {
          share: LustreShare.fromShareName(stack, "s", { fileSystem, shareName: "s" }),
          ruleName: given.ruleName,
          clients: given.clients,
          level: given.level,
          squash: squash.kind === "all" ? Squash.all(squash.uid, squash.gid) : Squash[squash.kind](),
          ...(given.rbac ? { rbac: [...given.rbac].reverse() } : {}),
          advisoryReadOnly,
        });
        const { spec } = ruleMessage.triggers.parse(received(synth(stack).resource["null_resource"]?.["r"]?.triggers));
        expect(spec).toEqual({
          share: "shares/s",
          fileset: "/shares/s",
          clients: given.clients,
          level: given.level,
          squash,
          ...(given.rbac ? { rbac: given.rbac } : {}),
          advisoryReadOnly,
          adopt: false,
        } satisfies AccessRuleSpec);
      }),
    );
  });

  it("is the file system that was described", () => {
    const given = fc.record({
      fsName: fc.stringMatching(/^[A-Za-z0-9_]{1,8}$/),
      mountPoint: fc.stringMatching(/^(\/[a-z${}%"\\ ]{1,8}){1,3}$/),
      pathPrefix: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      owner: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._/@:-]{0,20}$/),
      revocation: fc.constantFrom(...Object.values(Revocation)),
    });
    holds(
      fc.property(given, (props) => {
        const stack = newStack();
        const fileSystem = newFileSystem(stack, { ...props, lustreVersion: LustreVersion.V2_17 });
        fileSystem.addShare("s", { size: tenTebibytes, owner: rootOwner });
        const synthesized = synth(stack);
        const blocks = Object.values(synthesized.resource["null_resource"] ?? {}).filter(({ provisioner }) => provisioner);
        expect(blocks).toHaveLength(3);
        for (const block of blocks) {
          const text = hookVariable(synthesized, block, "SHAREWRIGHT_FILE_SYSTEM");
          expect(fileSystemSchema.parse(JSON.parse(text))).toMatchObject(props);
        }
      }),
    );
  });
});

function only<T extends object>(condition: unknown, properties: T): Partial<T> {
  return condition ? properties : {};
}

function received(triggers: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(triggers ?? {}).map(([key, value]) => [key, unescaped(value)]));
}

/** What Terraform makes of a text without expressions; `$${` and `%%{` are its escapes. */
function unescaped(text: string): string {
  return text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}
