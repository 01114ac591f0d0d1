// A cluster whose hosts answer looks from what a test says is on them. Nothing can be changed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrickStatus, Quota, Volume } from "../../../src/backends/gluster/parse";
import type { ClusterAccess } from "../../../src/backends/gluster/site";
import type { Command, Result } from "../../../src/core/command";
import { silentLog } from "../../../src/core/log";
import type { ClusterSpec } from "../../../src/spec/gluster";
import { ended, fakeHost } from "../../core/fake-host";
import { type FaultCode, fault } from "../../faults";

export const certificate = (name: string) => readFileSync(join(__dirname, `../../fixtures/certificates/${name}.pem`), "utf8");

/** Files of a host by path; "" for one whose content does not matter. */
export type Files = Readonly<Record<string, string>>;

export function tlsFiles(name: string, directory = "/usr/lib/ssl", authorities = "ca"): Files {
  return {
    [`${directory}/glusterfs.pem`]: certificate(name),
    [`${directory}/glusterfs.ca`]: certificate(authorities),
    [`${directory}/glusterfs.key`]: "",
  };
}

export interface FakeMachine {
  files?: Files;
  version?: string;
  uid?: string;
  /** Tools that are not installed. */
  without?: readonly string[];
  /** Whatever is asked fails so. */
  fails?: FaultCode;
  /** glusterd is in another pool. */
  id?: string;
  pool?: readonly { id: string; host: string; connected: boolean }[];
  /** Instead of what glusterd says of its pool. */
  poolList?: Result;
}

export interface FakeCluster {
  /** By address. The first has the smallest id. */
  servers: Readonly<Record<string, FakeMachine>>;
  here?: FakeMachine;
  volumes?: readonly Volume[];
  quotas?: Readonly<Record<string, Quota>>;
  bricks?: Readonly<Record<string, readonly BrickStatus[]>>;
  /** What find says of bricks. @default nothing */
  content?: string;
  /** What getfattr says of limits on bricks. @default they cannot be looked at */
  attributes?: string;
  spec?: Partial<ClusterSpec>;
}

export function fakeCluster(fake: FakeCluster): ClusterAccess & { asked: string[] } {
  const addresses = Object.keys(fake.servers);
  const idOf = (address: string) => fake.servers[address]?.id ?? `id-${addresses.indexOf(address)}`;
  const peersOf = (own: string) => [
    ...addresses.filter((address) => address !== own).map((address) => ({ id: idOf(address), host: address, connected: true })),
    { id: idOf(own), host: "localhost", connected: true },
  ];
  const servers = addresses.map((address) => {
    const machine = fake.servers[address] ?? {};
    const gluster = (command: Command) => {
      if (command.argv[0] === "find") return ended(0, fake.content ?? "");
      if (command.argv[0] === "getfattr") return fake.attributes === undefined ? ended(1) : ended(0, fake.attributes);
      if (machine.poolList && command.argv.slice(-2).join(" ") === "pool list") return machine.poolList;
      return glusterd(fake, machine.pool ?? peersOf(address), command);
    };
    return { ...fakeHost("server", (command) => answer(machine, command, gluster), ""), name: `server (${address})`, address };
  });
  const here = fakeHost("client", (command) => answer(fake.here ?? {}, command, () => ended(127)), "");
  return {
    spec: {
      name: "east",
      servers: addresses.map((host) => ({ connection: { type: "local" }, host })),
      mountPointBase: "/var/lib/sharewright/mnt",
      exportHost: addresses[0] ?? "",
      backupVolfileServers: [],
      owner: "stack",
      infrastructureNames: ["glusterfs-server*", "manila-host*"],
      preflight: "enforce",
      ...fake.spec,
    },
    servers,
    here,
    log: silentLog(),
    get asked() {
      return [here, ...servers].flatMap(({ asked }) => asked);
    },
  };
}

function answer(machine: FakeMachine, command: Command, gluster: (command: Command) => Result): Result {
  const { files = {}, version = "glusterfs 10.3", uid = "0", without = [], fails } = machine;
  const [tool, ...words] = command.argv;
  if (fails) throw fault(fails, { host: "the host" });
  if (without.includes(tool)) return ended(127);
  const file = words.at(-1) ?? "";
  if (tool === "gluster" && words[0] === "--version") return ended(0, `${version}\nmore\n`);
  if (words[0] === "--version") return ended(0);
  if (tool === "id") return ended(0, `${uid}\n`);
  if (tool === "cat")
    return files[file] === undefined ? ended(1, "", `cat: ${file}: No such file or directory`) : ended(0, files[file]);
  if (tool === "test") return ended(files[file] === undefined ? 1 : 0);
  if (["gluster", "getfattr", "find"].includes(tool)) return gluster(command);
  throw new Error(`not expected: ${command.argv.join(" ")}`);
}

function glusterd(fake: FakeCluster, peers: NonNullable<FakeMachine["pool"]>, { argv }: Command): Result {
  const { volumes = [], quotas = {}, bricks = {} } = fake;
  const words = argv.slice(3).join(" ");
  if (words === "pool list") return xml(`<peerStatus>${peers.map(peerXml).join("")}</peerStatus>`);
  if (words === "volume info") return xml(`<volInfo><volumes>${volumes.map(volumeXml).join("")}</volumes></volInfo>`);
  const [, quotaOf] = /^volume quota (\S+) list \/$/.exec(words) ?? [];
  const quota = quotas[quotaOf ?? ""];
  if (quota) {
    const { limit, used } = quota;
    return xml(
      `<volQuota><limit><path>/</path><hard_limit>${limit ?? "N/A"}</hard_limit><used_space>${used}</used_space></limit></volQuota>`,
    );
  }
  const [, detailOf] = /^volume status (\S+) detail$/.exec(words) ?? [];
  const status = bricks[detailOf ?? ""];
  if (status) return xml(`<volStatus><volumes><volume>${status.map(brickXml).join("")}</volume></volumes></volStatus>`);
  return ended(1, "", `refused: ${words} (opErrno 30800)`);
}

function xml(content: string): Result {
  return ended(0, `<cliOutput><opRet>0</opRet><opErrno>0</opErrno><opErrstr/>${content}</cliOutput>`);
}

function peerXml({ id, host, connected }: { id: string; host: string; connected: boolean }): string {
  return `<peer><uuid>${id}</uuid><hostname>${host}</hostname><connected>${connected ? 1 : 0}</connected></peer>`;
}

function volumeXml({ name, id, status, snapshots, replica, arbiter, disperse, redundancy, bricks, options }: Volume): string {
  const option = ([key, value]: [string, string]) =>
    `<option><name>${key}</name><value>${value.replaceAll("&", "&amp;")}</value></option>`;
  return `<volume><name>${name}</name><id>${id}</id><status>${["created", "started", "stopped"].indexOf(status)}</status>
    <snapshotCount>${snapshots}</snapshotCount><replicaCount>${replica}</replicaCount><arbiterCount>${arbiter}</arbiterCount>
    <disperseCount>${disperse}</disperseCount><redundancyCount>${redundancy}</redundancyCount>
    <bricks>${bricks.map((brick) => `<brick>${brick}<name>${brick}</name></brick>`).join("")}</bricks>
    <options>${Object.entries(options).map(option).join("")}</options></volume>`;
}

function brickXml({ host, path, device, online, total, free }: BrickStatus): string {
  return `<node><hostname>${host}</hostname><path>${path}</path><status>${online ? 1 : 0}</status>
    <sizeTotal>${total}</sizeTotal><sizeFree>${free}</sizeFree><device>${device}</device></node>`;
}
