// What is published: the built package and what people read, nothing else.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { pack, root } from "./packed";

const packed = pack();
afterAll(() => packed.remove());

const published =
  /^(dist\/THIRD-PARTY\.txt|dist\/sharewright(-[a-z]+)?\.cjs(\.map|\.v[0-9.]+-[a-z0-9]+-[0-9a-f]{12})?|dist\/(lib|src\/spec)\/.*\.(js|d\.ts)|docs\/.*\.md|examples\/[a-z-]+\/(main|stack)\.ts|templates\/[a-z.]+)$/;
const atTheTop = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];

it("holds only the build, the docs and the files that npm expects", () => {
  expect(packed.files.filter((file) => !published.test(file))).toEqual(atTheTop);
});

it("holds what package.json points to", () => {
  expect(packed.files).toEqual(
    expect.arrayContaining([
      "dist/lib/index.js",
      "dist/lib/index.d.ts",
      "dist/sharewright.cjs",
      "dist/sharewright-lustre.cjs",
      "dist/sharewright-gluster.cjs",
      "dist/sharewright-commands.cjs",
      "dist/sharewright-ssh.cjs",
      "dist/sharewright-sandbox.cjs",
    ]),
  );
});

it("U-14 holds what its pages link to", () => {
  const pages = packed.files.filter((file) => file.endsWith(".md"));
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to = ""]) =>
      join(dirname(page), to),
    ),
  );
  expect(links.filter((link) => !packed.files.some((file) => file === link || file.startsWith(`${link}/`)))).toEqual([]);
});

/** Others' code in the bundles, and a line of each one's licence. */
const bundled = {
  "@rgrove/parse-xml": "Permission to use, copy, modify, and/or distribute",
  "@stricli/core": "Apache License, Version 2.0",
  asn1: "Permission is hereby granted, free of charge",
  "bcrypt-pbkdf": "Redistribution and use in source and binary forms",
  "safer-buffer": "Permission is hereby granted, free of charge",
  ssh2: "Permission is hereby granted, free of charge",
  tweetnacl: "This is free and unencumbered software",
  zod: "Permission is hereby granted, free of charge",
};

it("U-14 holds the licence, and tells the version, of each package that its bundles hold", () => {
  expect(packed.files).toContain("dist/THIRD-PARTY.txt");
  const [, ...blocks] = readFileSync(join(root, "dist/THIRD-PARTY.txt"), "utf8").split(`${"-".repeat(80)}\n\n`);
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as { version: string }).version;
  expect(blocks.map((block) => block.split("\n")[0])).toEqual(Object.keys(bundled).map((name) => `${name} ${versionOf(name)}`));
  Object.values(bundled).forEach((line, index) => {
    expect(blocks[index]).toContain(line);
  });
});
