import fc from "fast-check";
import { expect, test } from "vitest";
import { frameReader } from "../../../src/transports/ssh/frames";

const nonce = "00ff";
const marker = `\n${nonce} `;

/** What a stream says, frame by frame, when it arrives in these pieces. */
function read(bytes: Buffer, cuts: readonly number[]): { data: string; frames: string[][] }[] {
  const seen: { data: string; frames: string[][] }[] = [{ data: "", frames: [] }];
  const last = () => seen[seen.length - 1] as (typeof seen)[number];
  const reader = frameReader(nonce, {
    data: (chunk) => {
      last().data += chunk.toString("latin1");
    },
    broken: () => {},
    frame: (words) => {
      last().frames.push(words);
      seen.push({ data: "", frames: [] });
    },
  });
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  for (const [index, start] of places.entries()) reader(bytes.subarray(start, places[index + 1] ?? start));
  return seen;
}

test("outputs arrive to the byte and told apart, however the stream is cut", () => {
  // Pieces of a marker are what could be taken for one.
  const piece = fc.oneof(
    fc.constantFrom("\n", "0", "00", "\n00f", `\n${nonce}`, nonce, "a", " ", "\n\n"),
    fc.string({ maxLength: 3 }),
  );
  const output = fc
    .array(piece, { maxLength: 8 })
    .map((pieces) => Buffer.from(pieces.join("")).toString("latin1"))
    .filter((text) => !`${text}\n`.includes(marker));
  fc.assert(
    fc.property(fc.array(output, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 30 }), (outputs, cuts) => {
      const bytes = Buffer.from(outputs.map((text, index) => `${text}${marker}${index} 0 0\n`).join(""), "latin1");
      const expected = [
        ...outputs.map((data, index) => ({ data, frames: [[String(index), "0", "0"]] })),
        { data: "", frames: [] },
      ];
      expect(read(bytes, cuts)).toEqual(expected);
      expect(read(bytes, [...bytes.keys()])).toEqual(expected);
    }),
  );
});

test("all that cannot become a frame is passed on at once", () => {
  let passedOn = "";
  const reader = frameReader(nonce, {
    data: (chunk) => {
      passedOn += chunk.toString();
    },
    frame: () => {},
    broken: () => {},
  });
  for (const text of ["a", "b\n", "0x", "\n00"]) reader(Buffer.from(text));
  expect(passedOn).toBe("ab\n0x");
});
