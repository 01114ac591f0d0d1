// Two file systems of one name in a stack, as its constructs write them: commands keep them apart.
import { Testing } from "cdktf";
import { describe, expect, test } from "vitest";
import { chooseFileSystem, fileSystemOfKey, fileSystemsIn } from "../../src/fronts/lustre/choose";
import { lustre } from "../../src/fronts/lustre/hooks";
import { joinStack, type Stack } from "../../src/fronts/stack";
import { parseStackConfig } from "../../src/fronts/stack-config";
import { parseState } from "../../src/fronts/stack-state";
import { toldApart } from "../../src/fronts/surveyed";
import { fileSystemName } from "../../src/spec/lustre";
import { newFileSystem, newStack, rootOwner, tenTebibytes } from "../lib/support";

const keys = { scratch: ["shares/a", "shares/gone"], "scratch-staging": ["shares/a", "shares/b"] };

function twoSites(): Stack {
  const stack = newStack();
  const prod = newFileSystem(stack, { mountPoint: "/mnt/prod" }, "prod");
  const staging = newFileSystem(
    stack,
    { mountPoint: "/mnt/staging", exportNids: ["10.9.0.1@tcp"], site: "staging", pathPrefix: "shares" },
    "staging",
  );
  for (const fileSystem of [prod, staging]) {
    const share = fileSystem.addShare("a", { size: tenTebibytes, owner: rootOwner });
    share.grantReadWrite("cpu", ["10.1.0.0/24"]);
  }
  staging.addShare("b", { size: tenTebibytes, owner: rootOwner });
  const claims = Object.entries(keys).map(([name, held]) => ({
    mode: "managed",
    type: "null_resource",
    name: `${name}_share_claims`,
    instances: held.map((key) => ({ index_key: key, attributes: { id: `${name} ${key}`, triggers: { share: key } } })),
  }));
  const document: unknown = JSON.parse(Testing.synth(stack, true));
  return joinStack(
    parseStackConfig(document, "/srv/stack", [lustre]),
    parseState(JSON.stringify({ version: 4, resources: claims })),
  );
}

const nameOf = ({ place }: { place: unknown }) => fileSystemName(place as Parameters<typeof fileSystemName>[0]);

describe("U-01 two file systems of one name in a stack", () => {
  const stack = twoSites();

  test("have their own claims and keys", () => {
    const shares = stack.objects.filter(({ kind }) => kind === "lustre.share");
    expect(shares.map((share) => [nameOf(share), share.key, share.claim, share.among])).toEqual([
      ["scratch", "shares/a", "scratch shares/a", ["shares/a"]],
      ["scratch-staging", "shares/a", "scratch-staging shares/a", ["shares/a", "shares/b"]],
      ["scratch-staging", "shares/b", "scratch-staging shares/b", ["shares/a", "shares/b"]],
    ]);
    expect(stack.leaving.map((one) => [nameOf(one), one.key, one.claim])).toEqual([
      ["scratch", "shares/gone", "scratch shares/gone"],
    ]);
  });

  test("are named by their site where a command is about one", () => {
    expect(fileSystemsIn(stack).map(fileSystemName).sort()).toEqual(["scratch", "scratch-staging"]);
    expect(chooseFileSystem(stack, "scratch").exportNids).toEqual(["10.0.0.1@tcp"]);
    expect(chooseFileSystem(stack, "scratch-staging").exportNids).toEqual(["10.9.0.1@tcp"]);
    const several = expect.objectContaining({ code: "BAD_REQUEST", fix: expect.stringMatching(/scratch \| scratch-staging/) });
    expect(() => chooseFileSystem(stack, undefined)).toThrowError(several);
    expect(() => fileSystemOfKey(stack, "shares/a", undefined)).toThrowError(several);
    expect(() => chooseFileSystem(stack, "staging")).toThrowError(/no file system "staging"/);
  });

  test("a key that only one of them has says which is meant", () => {
    expect(fileSystemOfKey(stack, "shares/b", undefined).site).toBe("staging");
    expect(fileSystemOfKey(stack, "shares/gone", undefined).site).toBeUndefined();
    expect(fileSystemOfKey(stack, "shares/a", "scratch-staging").site).toBe("staging");
  });

  test("objects are told apart where they share a key, and only there", () => {
    const surveyed = stack.objects.map((object) => ({
      ...{ kind: object.kind, key: object.key, object, at: nameOf(object) },
      ...{ verdict: "good" as const, differences: [], steps: [] },
    }));
    expect(toldApart(surveyed).map(({ key, at }) => `${key} ${at ?? "-"}`)).toEqual([
      "shares/a scratch",
      "shares/a scratch-staging",
      "shares/a#cpu scratch",
      "shares/a#cpu scratch-staging",
      "shares/b -",
    ]);
  });
});
