// What the docs show and point to is there: code that names an example is in it, line by line; links lead somewhere.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./packed";

const guides = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ...guides];
const text = (file: string) => readFileSync(join(root, file), "utf8");

/** Lines without indentation and empty ones, between two line breaks: a block is in a file if this is in that. */
const flat = (code: string) =>
  `\n${code
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n")}\n`;

const snippets = pages.flatMap((page) =>
  [...text(page).matchAll(/```ts (\S+)\n(.*?)```/gs)].map(([, file = "", code = ""]) => ({ page, file, code })),
);

describe("code in the docs", () => {
  it("is taken from examples", () => expect(snippets.length).toBeGreaterThan(2));

  it.each(snippets)("$page: $file", ({ file, code }) => {
    expect(flat(text(file))).toContain(flat(code));
  });
});

describe("links", () => {
  it.each(pages)("%s", (page) => {
    const targets = [...text(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });
});
