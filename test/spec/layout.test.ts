import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatLayout,
  type Layout,
  type LayoutComponent,
  layoutArguments,
  layoutProblem,
  parseLayout,
} from "../../src/spec/layout";

const MiB = 1024n ** 2n;

const layouts: [string, Layout][] = [
  ["-c 4", [{ stripeCount: 4 }]],
  ["-c -1", [{ stripeCount: -1 }]],
  ["-S 64K", [{ stripeSize: 65536n }]],
  ["-c 2 -S 4M -p flash", [{ stripeCount: 2, stripeSize: 4n * MiB, pool: "flash" }]],
  ["-E 64M -c 1 -E -1 -c 4", [{ end: 64n * MiB, stripeCount: 1 }, { stripeCount: 4 }]],
  ["-E 1M -L mdt -E 1G -c 1 -E -1 -c -1", [{ end: MiB, onMdt: true }, { end: 1024n * MiB, stripeCount: 1 }, { stripeCount: -1 }]],
];

describe("layouts", () => {
  test.each(layouts)("%s", (text, layout) => {
    expect(layoutProblem(layout)).toBeUndefined();
    expect(formatLayout(layout)).toBe(text);
    expect(layoutArguments(layout).join(" ")).toBe(text);
    expect(parseLayout(text)).toEqual(layout);
  });

  test.each<[string, Layout, string]>([
    ["no component", [], "it has no component"],
    ["a component that says nothing", [{}], "it says nothing"],
    ["an end of the last component", [{ end: MiB }], "no end"],
    ["no end of the first", [{ stripeCount: 1 }, { stripeCount: 2 }], "component 1: it needs an end"],
    ["an end off the 64 KiB grid", [{ end: MiB + 1n }, {}], "multiple of 64 KiB"],
    ["ends that do not grow", [{ end: MiB }, { end: MiB }, {}], "component 2: its end"],
    ["data on the MDT everywhere", [{ onMdt: true }], "only in the first of several"],
    ["data on the MDT later", [{ end: MiB }, { end: 2n * MiB, onMdt: true }, {}], "component 2: data on the MDT"],
    ["data on the MDT with a pool", [{ end: MiB, onMdt: true, pool: "p" }, {}], "neither stripe count nor stripe size nor pool"],
    ["data on the MDT with a stripe size", [{ end: MiB, onMdt: true, stripeSize: MiB }, {}], "nor stripe size"],
    ["an end that is no multiple of 64 KiB", [{ end: 100n * 1024n, onMdt: true }, {}], "a multiple of 64 KiB"],
    [
      "an end that is no multiple of the stripe size",
      [{ end: 3n * MiB, stripeSize: 2n * MiB }, {}],
      "multiple of its stripe size",
    ],
    ["stripe count 0", [{ stripeCount: 0 }], "1 to 2000"],
    ["stripe count 2001", [{ stripeCount: 2001 }], "1 to 2000"],
    ["half a stripe", [{ stripeCount: 1.5 }], "1 to 2000"],
    ["stripe size 1", [{ stripeSize: 1n }], "multiple of 64 KiB below 4 GiB"],
    ["stripe size 4 GiB", [{ stripeSize: 4096n * MiB }], "multiple of 64 KiB below 4 GiB"],
    ["a pool name with a dot", [{ pool: "a.b" }], "a pool name is"],
  ])("fails with %s", (_, layout, problem) => expect(layoutProblem(layout)).toContain(problem));

  test.each([
    "",
    " ",
    "-c",
    "-c x",
    "-c 1 2",
    "-E 1M",
    "-E 1M -c 1",
    "-L ost -E -1",
    "-S 1",
    "-S 1X",
    "-p",
    "-x 1",
    "-c 1 -E 1M",
    "-E -1 -c 1 -E -1",
    "-c 1  -S 1M",
  ])("%j is no layout", (text) => expect(parseLayout(text)).toBeUndefined());

  test("every sound layout comes back as it was", () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        fc.pre(layoutProblem(layout) === undefined);
        expect(parseLayout(formatLayout(layout))).toEqual(layout);
      }),
    );
  });
});

const part = fc.record<LayoutComponent>(
  {
    stripeCount: fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 2000 })),
    stripeSize: fc.bigInt(1n, 65535n).map((blocks) => blocks * 65536n),
    pool: fc.stringMatching(/^[A-Za-z0-9_-]{1,15}$/),
  },
  { requiredKeys: [] },
);

const anyLayout = fc
  .tuple(fc.array(fc.tuple(part, fc.bigInt(1n, 1n << 40n)), { maxLength: 4 }), part, fc.boolean())
  .map(([parts, last, dom]): Layout => {
    let end = 0n;
    const bounded = parts.map(([component, blocks], index): LayoutComponent => {
      end += blocks * 65536n;
      const { stripeSize } = component;
      return dom && index === 0
        ? { end, onMdt: true, ...(stripeSize === undefined ? {} : { stripeSize }) }
        : { end, ...component };
    });
    return [...bounded, last];
  });
