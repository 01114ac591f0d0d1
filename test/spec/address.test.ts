import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AddressError,
  compareIntervals,
  formatInterval,
  formatNid,
  intersect,
  intervalSize,
  type NidInterval,
  normalNet,
  parseClient,
  parseNid,
  rangeText,
  rangeTexts,
  refuseWhole,
  splitRange,
  union,
} from "../../src/spec/address";
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from "../../src/spec/ip";

const all4 = 2n ** 32n - 1n;
const all6 = 2n ** 128n - 1n;
const net = fc.constantFrom("tcp", "tcp1", "o2ib", "o2ib12");
const ipv4 = fc.bigInt(0n, all4);
const ipv6 = fc.oneof(
  fc.bigInt(0n, all6),
  fc.bigInt(0n, 65535n),
  fc.bigInt(0n, 65535n).map((high) => high << 112n),
);

function interval(family: 4 | 6): fc.Arbitrary<NidInterval> {
  const address = family === 4 ? ipv4 : ipv6;
  const near = fc.tuple(address, fc.bigInt(0n, 70_000n)).map(([start, size]): [bigint, bigint] => [start, start + size]);
  const far = fc.tuple(address, address).map(([a, b]): [bigint, bigint] => (a < b ? [a, b] : [b, a]));
  const last = family === 4 ? all4 : all6;
  return fc
    .tuple(net, fc.oneof(near, far))
    .map(([onNet, [start, end]]) => ({ net: onNet, family, start, end: end > last ? last : end }));
}
const partial = (family: 4 | 6) =>
  interval(family).filter(({ start, end }) => !(start === 0n && end === (family === 4 ? all4 : all6)));

describe("clients", () => {
  test.each([
    ["L-59 L-80 an address is a range of itself", "192.168.1.10", "192.168.1.10@tcp", "192.168.1.10@tcp", 1n],
    ["L-60 a prefix is its first to its last address", "10.0.0.0/24", "10.0.0.0@tcp", "10.0.0.255@tcp", 256n],
    ["L-63 /32 equals the single address", "192.168.1.10/32", "192.168.1.10@tcp", "192.168.1.10@tcp", 1n],
    ["a prefix off the octets", "10.0.0.8/29", "10.0.0.8@tcp", "10.0.0.15@tcp", 8n],
    ["L-62 the net is the one that is named", "10.0.0.5@o2ib", "10.0.0.5@o2ib", "10.0.0.5@o2ib", 1n],
    ["a prefix on a net", "10.0.0.0/24@o2ib1", "10.0.0.0@o2ib1", "10.0.0.255@o2ib1", 256n],
    ["net 0 has one name", "10.0.0.5@tcp0", "10.0.0.5@tcp", "10.0.0.5@tcp", 1n],
    ["brackets", "10.0.0.[1-20]@tcp", "10.0.0.1@tcp", "10.0.0.20@tcp", 20n],
    ["brackets and stars", "10.0.[0-3].*@tcp", "10.0.0.0@tcp", "10.0.3.255@tcp", 1024n],
    ["first and last", "10.0.0.1@tcp:10.0.0.9@tcp", "10.0.0.1@tcp", "10.0.0.9@tcp", 9n],
    ["an IPv6 address", "fd00::7", "fd00::7@tcp", "fd00::7@tcp", 1n],
    ["an IPv6 prefix", "fd00::/64@tcp", "fd00::@tcp", "fd00::ffff:ffff:ffff:ffff@tcp", 2n ** 64n],
    ["an IPv6 pair", "fd00::1@tcp:fd00::9@tcp", "fd00::1@tcp", "fd00::9@tcp", 9n],
    ["half of everything", "0.0.0.0/1", "0.0.0.0@tcp", "127.255.255.255@tcp", 2n ** 31n],
  ])("%s: %s", (_, text, first, last, size) => {
    const read = parseClient(text, "tcp");
    expect([formatNid(read, read.start), formatNid(read, read.end), intervalSize(read)]).toEqual([first, last, size]);
  });

  test("L-62 without a net the default one is meant", () => expect(parseClient("10.0.0.5", "o2ib3").net).toBe("o2ib3"));

  test.each([
    [
      "W-L29 host bits",
      "10.0.0.5/24",
      '"10.0.0.5/24" has host bits set',
      '"10.0.0.0/24" for the whole network or "10.0.0.5" for the one address',
    ],
    ["IPv6 host bits", "fd00::1/64", '"fd00::1/64" has host bits set', '"fd00::/64"'],
    ["L-61 every address", "0.0.0.0/0", '"0.0.0.0/0" is every address there is', "list the networks"],
    ["every address as stars", "*.*.*.*@tcp", "every address there is", "list the networks"],
    ["every address as a pair", "0.0.0.0@tcp:255.255.255.255@tcp", "every address there is", "list the networks"],
    ["every IPv6 address", "::/0", "every address there is", "list the networks"],
    ["L-67 L-71 a name", "node17", '"node17" is not a client', "write an address"],
    ["nothing", "", '"" is not a client', "write an address"],
    ["a range with holes", "10.[0-1].0.*@tcp", "is not one contiguous range", "list the parts"],
    ["a backward range", "10.0.0.[9-1]@tcp", "is not a client", "write an address"],
    ["an octet above 255", "10.0.0.256", "is not a client", "write an address"],
    ["a leading zero, octal elsewhere", "10.0.0.010", "is not a client", "write an address"],
    ["a leading zero in brackets", "10.0.0.[01-20]", "is not a client", "write an address"],
    ["three octets", "10.0.0", "is not a client", "write an address"],
    ["an unknown net", "10.0.0.1@eth0", "is not on an LNet network", "ADDRESS@NET"],
    ["S-05 an address where nodes have numbers", "10.0.0.1@gni", "is no node of gni", '"1000@gni", "[1000-1999]@gni"'],
    ["S-05 a prefix there", "10.0.0.0/24@kfi1", "is no node of kfi1", '"[1000-1999]@kfi1"'],
    ["S-05 all of them, which is node 0 to Lustre", "*@kfi", "is node 0 alone to Lustre", '"[1000-1999]@kfi"'],
    ["S-05 really all of them", "[1-4294967295]@kfi", "is every address there is", "list the networks"],
    ["S-05 a number of 33 bits, which Lustre takes for 0", "4294967296@kfi", "is no node of kfi", '"1000@kfi"'],
    ["S-05 a number in hexadecimal", "0x2a09@kfi", "is no node of kfi", 'write "10761@kfi"'],
    ["S-05 numbers in brackets with a comma", "[1,3]@gni", "is no node of gni", '"1@gni", "3@gni"'],
    ["S-05 a step", "[1-9/2]@gni", "is no node of gni", "a range has no step"],
    ["S-05 a backward range of numbers", "[9-1]@gni", "is no node of gni", '"[1000-1999]@gni"'],
    ["S-05 a number on a network of addresses", "7@tcp", "is not a client", "write an address"],
    ["a net with a leading zero", "10.0.0.1@tcp01", "is not on an LNet network", "ADDRESS@NET"],
    ["two nets", "10.0.0.1@tcp@tcp", "is not on an LNet network", "ADDRESS@NET"],
    ["a long prefix", "10.0.0.0/33", "is not an address prefix", "ADDRESS/BITS"],
    ["a prefix of nothing", "10.0.0.0/", "is not an address prefix", "ADDRESS/BITS"],
    ["two prefixes", "10.0.0.0/8/8", "is not an address prefix", "ADDRESS/BITS"],
    ["a pair on two nets", "10.0.0.1@tcp:10.0.0.9@o2ib", "is not a range of NIDs", "FIRST@NET:LAST@NET"],
    ["a backward pair", "10.0.0.9@tcp:10.0.0.1@tcp", "is not a range of NIDs", "FIRST@NET:LAST@NET"],
    ["a mixed pair", "10.0.0.9@tcp:fd00::1@tcp", "is not a range of NIDs", "FIRST@NET:LAST@NET"],
    [
      "several parts in brackets",
      "10.0.0.[5-20,25]@tcp",
      "is not a client",
      'several clients, "10.0.0.[5-20]@tcp", "10.0.0.25@tcp"',
    ],
    ["several parts before stars", "10.0.[1,3].*", "is not a client", 'several clients, "10.0.1.*", "10.0.3.*"'],
    ["a step", "10.0.0.[2-10/2]@tcp", "is not an address prefix", "a range has no step"],
    ["every address of a net", "*@tcp", "is not a client", "every address there is"],
    ["every address", "*", "is not a client", "every address there is"],
    ["a netmask", "10.0.0.0/255.255.255.0", "is not an address prefix", '"10.0.0.0/24"'],
    ["a netmask off the octets on a net", "10.1.0.0/255.255.252.0@o2ib", "is not an address prefix", '"10.1.0.0/22@o2ib"'],
    ["a netmask with holes", "10.0.0.0/255.0.255.0", "is not an address prefix", "ADDRESS/BITS"],
    ["first-last", "10.0.0.1-10.0.0.9", "is not a client", '"10.0.0.1@tcp:10.0.0.9@tcp"'],
    ["first-last of NIDs", "10.0.0.1@o2ib-10.0.0.9@o2ib", "is not on an LNet network", '"10.0.0.1@o2ib:10.0.0.9@o2ib"'],
    ["a pair with one net", "10.0.0.1:10.0.0.9@o2ib", "is not a client", '"10.0.0.1@o2ib:10.0.0.9@o2ib"'],
    ["a range of last octets", "10.0.0.1-9@tcp", "is not a client", '"10.0.0.[1-9]@tcp"'],
    ["a star for several octets", "10.0.*@tcp", "is not a client", '"10.0.*.*@tcp"'],
    ["IPv6 in brackets", "[fd00::1]@tcp", "is not a client", '"fd00::1@tcp"'],
    ["too many groups", "1:2:3:4:5:6:7:8:9", "is not a client", "write an address"],
    ["two gaps", "1::2::3", "is not a client", "write an address"],
  ])("fails with %s: %s", (_, text, message, fix) => {
    const error = thrownBy(() => parseClient(text, "tcp"));
    expect(error).toBeInstanceOf(AddressError);
    expect([error.message, error.message.includes(JSON.stringify(text)), error.fix]).toEqual([
      expect.stringContaining(message),
      true,
      expect.stringContaining(fix),
    ]);
  });

  test("what a hint tells to write is a client", () => {
    for (const text of [
      "10.0.0.[5-20,25]@tcp",
      "10.0.0.0/255.255.255.128",
      "10.0.0.1-10.0.0.9",
      "10.0.0.1-9",
      "10.*",
      "[fd00::1]",
    ]) {
      const told = [...thrownBy(() => parseClient(text, "tcp")).fix.matchAll(/"([^"]+)"/g)].map(([, client = ""]) => client);
      expect(told).not.toEqual([]);
      for (const client of told) expect(() => parseClient(client, "tcp")).not.toThrow();
    }
  });

  test("host bits are refused in every prefix, and both texts of the fix are clients", () => {
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 1, max: 31 }), (address, bits) => {
        fc.pre(address % (1n << BigInt(32 - bits)) !== 0n);
        const error = thrownBy(() => parseClient(`${formatIpv4(address)}/${bits}`, "tcp"));
        const [whole = "", one = ""] = [...error.fix.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
        const [wide, narrow] = [parseClient(whole, "tcp"), parseClient(one, "tcp")];
        expect(intersect(wide, narrow)).toEqual(narrow);
        expect(narrow.start).toBe(address);
      }),
    );
  });

  test("whatever is written, it is read or refused with a reason", () => {
    const pieces = fc.constantFrom(
      "10",
      "0",
      "255",
      ".",
      "[",
      "]",
      "-",
      "*",
      "/",
      "@",
      "tcp",
      ":",
      "::",
      "f",
      "24",
      " ",
      "o2ib",
      "256",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
        const text = words.join("");
        try {
          const { start, end } = parseClient(text, "tcp");
          expect(start <= end).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(AddressError);
          expect((error as AddressError).fix).not.toBe("");
        }
      }),
      { numRuns: 500 },
    );
  });
});

function thrownBy(work: () => unknown): AddressError {
  try {
    work();
  } catch (error) {
    return error as AddressError;
  }
  throw new Error("nothing was thrown");
}

describe.each([4, 6] as const)("IPv%i ranges", (family) => {
  test("the parts cover the interval exactly, once, in order", () => {
    fc.assert(
      fc.property(interval(family), (whole) => {
        const parts = splitRange(whole);
        expect(union(parts)).toEqual([whole]);
        expect(parts.reduce((sum, part) => sum + intervalSize(part), 0n)).toBe(intervalSize(whole));
        expect([...parts].sort(compareIntervals)).toEqual(parts);
      }),
    );
  });

  test("each text is read back as its part", () => {
    fc.assert(
      fc.property(partial(family), (whole) => {
        for (const part of splitRange(whole)) expect(parseClient(rangeText(part), "gni")).toEqual(part);
      }),
    );
  });

  test("a prefix is one text", () => {
    const width = family === 4 ? 32 : 128;
    fc.assert(
      fc.property(family === 4 ? ipv4 : ipv6, fc.integer({ min: 1, max: width }), (address, bits) => {
        const size = 1n << BigInt(width - bits);
        const start = (address / size) * size;
        expect(rangeTexts({ net: "tcp", family, start, end: start + size - 1n })).toHaveLength(1);
      }),
    );
  });
});

test("X-L06 IPv4 texts are brackets or addresses, never prefixes, which Lustre accepts and matches to nothing", () => {
  fc.assert(
    fc.property(interval(4), (whole) => {
      for (const text of rangeTexts(whole)) expect(text).toMatch(/^[\d.[\]-]+@\w+$/);
    }),
  );
});

test.each([
  ["10.0.0.8/29", ["10.0.0.[8-15]@tcp"]],
  ["10.0.0.0/23", ["10.0.[0-1].[0-255]@tcp"]],
  ["10.0.16.0/20", ["10.0.[16-31].[0-255]@tcp"]],
  ["10.0.0.250@tcp:10.0.2.5@tcp", ["10.0.0.[250-255]@tcp", "10.0.1.[0-255]@tcp", "10.0.2.[0-5]@tcp"]],
  ["10.0.0.7", ["10.0.0.7@tcp"]],
  ["fd00::/64", ["fd00::/64@tcp"]],
  ["fd00::1@tcp:fd00::4@tcp", ["fd00::1@tcp", "fd00::2/127@tcp", "fd00::4@tcp"]],
])("L-66 X-L06 %s is written as %j", (text, texts) => {
  const read = parseClient(text, "tcp");
  expect(rangeTexts(read)).toEqual(texts);
  expect(formatInterval(read)).toBe(texts.join(", "));
});

describe("addresses and nets", () => {
  test("IPv4 comes back as it was", () => {
    fc.assert(fc.property(ipv4, (value) => parseIpv4(formatIpv4(value)) === value));
  });
  test("IPv6 comes back as it was, in its one canonical text", () => {
    fc.assert(
      fc.property(ipv6, (value) => {
        const text = formatIpv6(value);
        expect(parseIpv6(text)).toBe(value);
        expect(text).toBe(text.toLowerCase());
      }),
    );
  });
  test.each([
    [0n, "::"],
    [1n, "::1"],
    [0xfd00n << 112n, "fd00::"],
    [(1n << 112n) | (1n << 64n) | 1n, "1:0:0:1::1"],
    [(1n << 112n) | (1n << 80n) | (1n << 64n) | (1n << 48n) | (1n << 32n) | (1n << 16n) | 1n, "1:0:1:1:1:1:1:1"],
  ])("%s is %s", (value, text) => expect(formatIpv6(value)).toBe(text));

  test("S-06 the last 32 bits may be written as IPv4, as Lustre prints them", () => {
    expect(parseIpv6("::ffff:10.9.9.1")).toBe(parseIpv6("::ffff:a09:901"));
    expect(parseNid("64:ff9b::10.9.9.1@tcp")).toEqual(parseNid("64:ff9b::a09:901@tcp"));
  });
  test.each([
    "::ffff:1.2.3",
    "::ffff:1.2.3.256",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1.2.3.4::",
    "1:2:3:4:5:6:7::8:9",
    ":::",
    "12345::",
    "g::",
    ":1",
    "1:",
  ])("%s is no IPv6 address", (text) => expect(parseIpv6(text)).toBeUndefined());
  test.each([
    ["tcp", "tcp"],
    ["tcp0", "tcp"],
    ["tcp7", "tcp7"],
    ["o2ib65535", "o2ib65535"],
    ["o2ib65536", undefined],
    ["tcp00", undefined],
    ["tcp07", undefined],
    ["gni", "gni"],
    ["kfi0", "kfi"],
    ["ptlf3", "ptlf3"],
    ["qsw", undefined],
    ["TCP", undefined],
    ["", undefined],
  ])("net %j is %j", (text, normal) => expect(normalNet(text)).toBe(normal));

  test.each(["10.0.0.1", "@tcp", "10.0.0.1@", "10.0.0.[1-2]@tcp", "10.0.0.0/8@tcp", "10.0.0.1@tcp@tcp", "0@lo"])(
    "%j is no NID",
    (text) => expect(parseNid(text)).toBeUndefined(),
  );
});

describe("S-06 no rule is for every address of a network", () => {
  const whole =
    (...texts: string[]) =>
    () =>
      refuseWhole(texts.map((text) => parseClient(text, "tcp")));
  test.each([
    [["::/1", "8000::/1"]],
    [["8000::/1", "10.0.0.1", "::/1"]],
    [["0.0.0.0/1@o2ib", "128.0.0.0/1@o2ib"]],
    [["0.0.0.0@tcp:9.255.255.255@tcp", "10.0.0.0@tcp:255.255.255.255@tcp"]],
  ])("S-06 %j are together", (texts) => expect(whole(...texts)).toThrow(/are together every address there is/));
  test.each([[["::/1", "8000::/2"]], [["0.0.0.0/1@tcp", "128.0.0.0/1@o2ib"]], [["0.0.0.0/1", "8000::/1"]], [[]]])(
    "S-06 %j are not",
    (texts) => expect(whole(...texts)).not.toThrow(),
  );
  test("S-06 the whole of two rules is two ranges: no Lustre takes one", () =>
    expect(rangeTexts({ net: "tcp", family: 6, start: 0n, end: all6 })).toEqual(["::/1@tcp", "8000::/1@tcp"]));
});

describe("S-05 nodes that have numbers", () => {
  test.each([
    ["10761@kfi", ["10761@kfi"]],
    ["[10761-10824]@kfi", ["[10761-10824]@kfi"]],
    ["5@gni:9@gni0", ["[5-9]@gni"]],
    ["12@ptlf2", ["12@ptlf2"]],
    ["[7-7]@kfi", ["7@kfi"]],
    ["4294967295@kfi", ["4294967295@kfi"]],
  ])("S-05 %s is written as %j", (text, texts) => expect(rangeTexts(parseClient(text, "tcp"))).toEqual(texts));
  test("S-05 without a network, that of the file system is meant", () =>
    expect([formatInterval(parseClient("10761", "kfi")), parseNid("10761@kfi0")]).toEqual([
      "10761@kfi",
      parseClient("10761@kfi", "tcp"),
    ]));
  test("S-05 each text is read back as its range", () => {
    const number = fc.bigInt(0n, 2n ** 32n - 2n);
    fc.assert(
      fc.property(fc.constantFrom("kfi", "gni1", "ptlf"), number, number, (onNet, a, b) => {
        const range = { net: onNet, family: 0 as const, start: a < b ? a : b, end: a < b ? b : a };
        const [text = "", ...more] = rangeTexts(range);
        expect([parseClient(text, "tcp"), more]).toEqual([range, []]);
      }),
    );
  });
});
