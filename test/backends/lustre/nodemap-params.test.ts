import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { paramsIn } from "../../../src/backends/lustre/access/nodemap-params";
import { nodemapProperties, propertyIn } from "../../../src/backends/lustre/access/nodemap-properties";
import { parseGetParam } from "../../../src/backends/lustre/parse-params";
import { fault, ShareError } from "../../../src/core/errors";
import { golden } from "./golden";

function lineByLine(text: string): Map<string, string> {
  const params = new Map<string, string>();
  let open: string | undefined;
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, name, value = ""] = /^(version|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_*:@-]+)+)=(.*)$/.exec(line) ?? [];
    if (name === undefined && open === undefined) throw fault("COMMAND_FAILED");
    open = name ?? open;
    if (open !== undefined) params.set(open, name === undefined ? `${params.get(open)}\n${line}` : value);
  }
  return params;
}

/** The same, one parameter after the other. */
function reference(text: string) {
  const params = new Map<string, string>();
  const nodemaps = new Map<string, Map<string, string>>();
  for (const [param, value] of lineByLine(text)) {
    const [, name = "", parameter = ""] = /^nodemap\.([^.]+)\.(.+)$/.exec(param) ?? [];
    if (name === "") params.set(param, value);
    else nodemaps.set(name, (nodemaps.get(name) ?? new Map<string, string>()).set(parameter, value));
  }
  const told = [...nodemaps].map(([name, values]) => {
    const properties = nodemapProperties.flatMap(({ name: property, parameter }): [string, string][] => {
      const value = values.get(parameter);
      return value === undefined ? [] : [[property, propertyIn(value)]];
    });
    const [id, ranges, fileset, banlist] = ["id", "ranges", "fileset", "banlist"].map((own) => values.get(own));
    return [name, { id, ranges, fileset, banlist, properties: new Map(properties) }] as const;
  });
  return { params, nodemaps: new Map(told) };
}

function read(reader: (text: string) => unknown, text: string): unknown {
  try {
    return reader(text);
  } catch (error) {
    return ShareError.isShareError(error) ? error.code : error;
  }
}

describe("nodemaps among parameters", () => {
  test("are as when every line is read for itself, whatever the lines are", () => {
    const name = fc.constantFrom("default", "sw_a", "sw_b", "sw_ab", "slurm");
    const parameter = fc.constantFrom("id", "ranges", "rbac", "admin_nodemap", "enable_cap_mask", "exports", "a.b");
    const value = fc.constantFrom("", "0", "1", "off", "[]", "a=b");
    const lists = fc.constantFrom(
      "",
      "[",
      "]",
      " { id: 1 }",
      "type: set",
      "nodemap.sw_a",
      "nodemap.sw_a.",
      "odd\r",
      "mgs.MGS.filesystems=",
      "version=2.17",
    );
    const line = fc.oneof(
      { weight: 5, arbitrary: fc.tuple(name, parameter, value).map(([of, what, is]) => `nodemap.${of}.${what}=${is}`) },
      { weight: 2, arbitrary: lists },
    );
    /** Of all nodemaps one after the other, as they are printed. */
    const list = fc
      .tuple(fc.uniqueArray(name), parameter, fc.array(value, { minLength: 1, maxLength: 2 }), fc.option(lists))
      .map(([names, what, values, more]) =>
        names.flatMap((of, index) => [
          `nodemap.${of}.${what}=${values[index % values.length]}`,
          ...(more !== null && index === 2 ? [more] : []),
        ]),
      );
    const text = fc
      .tuple(
        fc.array(
          fc.oneof(
            list,
            line.map((one) => [one]),
          ),
          { maxLength: 8 },
        ),
        fc.constantFrom("", "\n"),
      )
      .map(([lines, end]) => `${lines.flat().join("\n")}${end}`);
    fc.assert(
      fc.property(text, (said) => {
        expect(read(paramsIn, said)).toEqual(read(reference, said));
        expect(read(parseGetParam, said)).toEqual(read(lineByLine, said));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(["d028", "d075", "g015", "d204", "e000"])("are as when every line is read for itself (golden %s)", (id) => {
    const { stdout } = golden(id);
    expect(paramsIn(stdout)).toEqual(reference(stdout));
  });

  test("those that have the same properties share them", () => {
    const said =
      "nodemap.a.rbac=x\nnodemap.b.rbac=y\nnodemap.c.rbac=x\nnodemap.a.deny_mount=0\nnodemap.b.deny_mount=0\nnodemap.c.deny_mount=0\n";
    const [a, b, c] = [...paramsIn(said).nodemaps.values()].map(({ properties }) => properties);
    expect(a).toBe(c);
    expect(b).not.toBe(a);
  });
});
