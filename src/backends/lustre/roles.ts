// Whether a host is what its role needs, where a connection names several: the MGS fails over, a client may have lost its mount.
import { type Command, type Result, succeeded } from "../../core/command";
import type { Role } from "../../core/host";
import * as cli from "./cli";
import { isMgs } from "./preflight";

/** Undefined when it is the one, else why not. */
export type RoleProbe = (run: (command: Command) => Promise<Result>) => Promise<string | undefined>;

/** Undefined where any host that answers will do. */
export function probeOf(role: Role, fsName: string, mount: string): RoleProbe | undefined {
  switch (role) {
    case "mgs":
      return async (run) => {
        const devices = await run(cli.lctlDl());
        return succeeded(devices) && isMgs(devices.stdout)
          ? undefined
          : `is not the MGS now: ${saidBy(devices, "no MGS device is up")}`;
      };
    case "client":
    case "mds":
      return async (run) => {
        const name = await run(cli.lfsGetname(mount));
        return succeeded(name) && name.stdout.trim() === fsName
          ? undefined
          : `${mount} is not the file system "${fsName}": ${saidBy(name, name.stdout.trim())}`;
      };
    case "server":
      return undefined;
  }
}

function saidBy(result: Result, otherwise: string): string {
  // One line: it stands in a list of hosts.
  return result.stderr.trim().replaceAll(/\s*\n\s*/g, "; ") || otherwise || `exit ${result.exitCode}`;
}
