import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carrierOf } from "../../../lib/internal/carriers";
import { ClaimBlock } from "../../../lib/internal/claim-block";
import { maxEnvBytes } from "../../../src/spec/request";
import { holds, newStack } from "../support";

function block(): ClaimBlock {
  const stack = newStack();
  return new ClaimBlock(stack, {
    name: "claims",
    carrier: carrierOf(stack, undefined),
    executor: "executor.cjs",
    kind: "lustre.share",
    noun: "share",
    environment: {},
  });
}

describe("ClaimBlock", () => {
  it("names the claim of a key", () => {
    expect(block().add("shares/a")).toBe('${null_resource.claims["shares/a"].id}');
  });

  it("hands its keys over in one part while they fit", () => {
    expect(block().keysEnvironment()).toEqual({ SHAREWRIGHT_KEYS_0: "${jsonencode(keys(local.claims))}" });
  });

  it("splits keys so that every part fits and none is lost", () => {
    holds(
      fc.property(fc.integer({ min: 1500, max: 4000 }), fc.integer({ min: 1, max: 64 }), (count, length) => {
        const claims = block();
        const keys = Array.from({ length: count }, (_, index) => `shares/${"x".repeat(length)}${index}`).sort();
        for (const key of keys) claims.add(key);
        const parts = Object.values(claims.keysEnvironment());
        let next = 0;
        for (const part of parts) {
          const [, start, end] = /^\$\{jsonencode\(slice\(keys\(local\.claims\), (\d+), (\d+)\)\)\}$/.exec(part) ?? [
            part,
            0,
            count,
          ];
          expect(Number(start)).toBe(next);
          expect(JSON.stringify(keys.slice(Number(start), Number(end))).length).toBeLessThanOrEqual(maxEnvBytes);
          next = Number(end);
        }
        expect(next).toBe(count);
      }),
      { numRuns: 20 },
    );
  });
});
