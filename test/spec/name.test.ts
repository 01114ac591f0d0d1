import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fsNamePattern,
  isFilesetPath,
  isRelativePath,
  isRuleKey,
  isShareKey,
  keyFile,
  namePattern,
  ownerPattern,
  pathsNest,
  ruleKey,
  shareKey,
  shareOfRule,
} from "../../src/spec/name";

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const prefix = fc
  .array(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));

describe("names", () => {
  test.each(["a", "genomics", "A.b_c-9", "0", "x".repeat(64)])("%s is a name", (text) =>
    expect(namePattern.test(text)).toBe(true),
  );
  test.each(["", ".", "..", ".hidden", "-x", "_x", "a/b", "a b", "a\n", "ä", "a#b", "a:b", "x".repeat(65)])(
    "%j is no name",
    (text) => expect(namePattern.test(text)).toBe(false),
  );
  test.each([
    ["scratch1", true],
    ["a_b", true],
    ["toolong89", false],
    ["a-b", false],
    ["", false],
  ])("file system name %j: %s", (text, valid) => expect(fsNamePattern.test(text)).toBe(valid));
  test.each([
    ["team A/prod@eu:1", true],
    [" x", false],
    ["x\n", false],
    ["x".repeat(129), false],
  ])("owner %j: %s", (text, valid) => expect(ownerPattern.test(text)).toBe(valid));
});

describe("X-L15 prefixes and paths cannot leave the file system", () => {
  test.each(["shares", "projects/genomics", "a/b/c"])("%s is a prefix", (text) => expect(isRelativePath(text)).toBe(true));
  test.each([
    "",
    "/",
    "/shares",
    "shares/",
    "a//b",
    "..",
    "a/../b",
    ".",
    ".sharewright",
    "a/.b",
    "a b",
    "x".repeat(65),
    `${"x/".repeat(50)}y`,
  ])("%j is no prefix", (text) => expect(isRelativePath(text)).toBe(false));
  test.each(["/a", "/shares/genomics", "/data/ä(1)", "/a=b", `/${"x".repeat(255)}`])("%s is a fileset", (text) =>
    expect(isFilesetPath(text)).toBe(true),
  );
  test.each([
    "", "/", "a", "/a/", "//a", "/a//b", "/..", "/a/../b", "/.", "/./a", "/.sharewright", "/a/.hidden", "/a b", "/a\nb", "/a\tb", "/a\u0000", "/a,b", "/,a",
    "/a;b", "/{a", "/a}", "/[a]", "/a]", "/;", `/${"x".repeat(256)}`, `/${"x/".repeat(600)}x`,
  ])("%j is no fileset", (text) => expect(isFilesetPath(text)).toBe(false)); // biome-ignore format: a list of words

  test("a prefix is a fileset path", () => {
    fc.assert(fc.property(prefix, (path) => !isRelativePath(path) || isFilesetPath(`/${path}`)));
  });

  test.each([
    ["/a", "/a", true],
    ["/a", "/a/b", true],
    ["/a/b/c", "/a", true],
    ["/a", "/ab", false],
    ["/a/b", "/a/c", false],
    ["/", "/a", true],
    ["/a/", "/a", true],
    ["/a/", "/a/b", true],
  ])("%s and %s nest: %s", (a, b, nest) => {
    expect(pathsNest(a, b)).toBe(nest);
    expect(pathsNest(b, a)).toBe(nest);
  });
});

describe("keys", () => {
  test("the key of any share and rule is one, and tells the share", () => {
    fc.assert(
      fc.property(prefix, name, name, (path, share, rule) => {
        fc.pre(isRelativePath(path));
        const key = shareKey(path, share);
        expect(isShareKey(key)).toBe(true);
        expect(isRuleKey(key)).toBe(false);
        expect(isRuleKey(ruleKey(key, rule))).toBe(true);
        expect(shareOfRule(ruleKey(key, rule))).toBe(key);
      }),
    );
  });

  test("two keys never share a file, and the file's name has no slash and fits", () => {
    fc.assert(
      fc.property(prefix, name, prefix, name, (pathA, a, pathB, b) => {
        const [one, other] = [shareKey(pathA, a), shareKey(pathB, b)];
        expect(keyFile(one) === keyFile(other)).toBe(one === other);
        expect(keyFile(one)).not.toContain("/");
        if (isShareKey(one)) expect(`${keyFile(ruleKey(one, "r".repeat(64)))}.json.tmp`.length).toBeLessThan(256);
      }),
    );
  });

  test.each(["shares", "", "/a", "a/", "../a", "a/..", "a/b#c", "a/.b"])("%j is no share key", (key) =>
    expect(isShareKey(key)).toBe(false),
  );
  test.each(["shares/a", "shares/a#", "shares/a#b#c", "a#b", "shares/a#.b", "shares/a#b/c"])("%j is no rule key", (key) =>
    expect(isRuleKey(key)).toBe(false),
  );
});
