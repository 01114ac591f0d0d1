// What is published: the built package and what people read, nothing else.
import { afterAll, expect, it } from "vitest";
import { pack } from "./packed";

const packed = pack();
afterAll(() => packed.remove());

const published =
  /^(dist\/sharewright(-[a-z]+)?\.cjs(\.map|\.v[0-9.]+-[a-z0-9]+-[0-9a-f]{12})?|dist\/(lib|src\/spec)\/.*\.(js|d\.ts)|docs\/.*\.md)$/;
const atTheTop = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];

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
