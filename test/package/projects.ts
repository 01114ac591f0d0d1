// Projects of users beside each other, each with the package as it is published and with no other packages than it names.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./packed";

export interface Project {
  readonly folder: string;
  write(file: string, text: string): void;
  run(...argv: [string, ...string[]]): { exitCode: number | null; said: string };
}

/** What npm makes of the tarball, without npm. */
export function unpack(tarball: string): string {
  const folder = dirname(tarball);
  const { status, stderr } = spawnSync("tar", ["-xzf", tarball, "-C", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return join(folder, "package");
}

/** `packages`: by their names, from our own; with a path, from there. */
export function project(unpacked: string, name: string, packages: readonly string[]): Project {
  const folder = join(dirname(unpacked), name);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  // A copy, since Node looks for packages from where a file really lies.
  for (const part of ["dist", "templates", "package.json"])
    cpSync(join(unpacked, part), join(modules, "sharewright", part), { recursive: true });
  for (const named of ["zod", ...packages]) {
    const source = named.startsWith("/") ? named : join(root, "node_modules", named);
    const target = join(modules, named.startsWith("/") ? basename(named) : named);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(source, target);
  }
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write("package.json", JSON.stringify({ name, private: true }));
  return {
    folder,
    write,
    run(program, ...args) {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8", timeout: 240_000 });
      return { exitCode: status, said: `${stdout}${stderr}` };
    },
  };
}
