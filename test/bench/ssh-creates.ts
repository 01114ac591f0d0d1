// The time of creates over SSH where the network is slow: ours, against the same commands run one by one by `ssh` command lines.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { applyShare } from "../../src/backends/lustre/operations";
import { type Command, hole } from "../../src/core/command";
import { quote } from "../../src/core/quote";
import { specText } from "../../src/fronts/request";
import { readShare } from "../../src/fronts/request-lustre";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { connectionPool } from "../../src/transports/ssh/connection";
import { type SshSite, sshSite } from "../executor/ssh-site";
import { bundle, execute, expectSuccess, type Managed, stackOf, type TestStack } from "../executor/support";
import { makeRig } from "../sshd/global-setup";
import { type SshHosts, startHosts } from "../sshd/hosts";
import type { Tell } from "./hooks";
import { makeQuickTools } from "./quick-tools";
import type { Block } from "./report";

const latenciesMs = [0, 1, 20];

/** The median, in seconds for 100 creates, by the way they are made; one number for each latency. */
type CreateTimes = Record<string, number[]>;

const creates = 10;
const byCommandLines = 1;
// Unlike any other number in a command, so that it can be found there.
const firstId = 54321;

/** Client and MDS are one host, the MGS is another. The lock is left out of command lines, which cannot hold it one by one. */
export async function sshCreates(tell: Tell): Promise<Block[]> {
  const { rig, remove } = makeRig();
  const dir = mkdtempSync(join(tmpdir(), "sharewright-creates-"));
  try {
    if (rig.noSshd) {
      tell(`not measured: ${rig.noSshd}`);
      return [];
    }
    const mountPoint = makeQuickTools(dir);
    const times: CreateTimes = {};
    for (const latencyMs of latenciesMs) {
      const hosts = await startHosts({ sandbox: dir, latencyMs });
      try {
        await measure(times, { dir, hosts, latencyMs, stack: stackAt(mountPoint, hosts), tell });
      } finally {
        await hosts.stop();
      }
    }
    const lines = Object.entries(times).map(([what, seconds]) => ({
      what,
      figures: Object.fromEntries(seconds.map((value, index) => [`${latenciesMs[index]} ms each way`, value])),
    }));
    return [{ title: "100 creates one by one over SSH, seconds", lines }];
  } finally {
    rmSync(dir, { recursive: true, force: true });
    remove();
  }
}

interface Setting {
  dir: string;
  hosts: SshHosts;
  latencyMs: number;
  stack: TestStack;
  tell: Tell;
}

function stackAt(mountPoint: string, { connections: { client, mgs } }: SshHosts): TestStack {
  return stackOf({
    fsName: "scratch",
    mountPoint,
    exportNids: ["10.0.0.1@tcp"],
    pathPrefix: "shares",
    projectIds: { start: firstId, end: 60000 },
    owner: "bench",
    lustreVersion: "2.17",
    revocation: "lazy",
    preflight: "enforce",
    client,
    mgs,
  });
}

async function measure(times: CreateTimes, setting: Setting): Promise<void> {
  const { dir, latencyMs, stack, tell } = setting;
  const environment = { SHAREWRIGHT_RUN_DIR: join(dir, "run") };
  const share = (name: string) => stack.share(`${name}-${latencyMs}`, { owner: ownerOfAll() });
  /** Parts of creates, each of which has so many. By the median, which a busy moment of the machine does not change. */
  const timed = async (way: string, partsEach: number, parts: AsyncIterable<unknown>) => {
    tell(`${latencyMs} ms each way: ${way}`);
    const durations: number[] = [];
    let last = performance.now();
    for await (const _ of parts) {
      durations.push(performance.now() - last);
      last = performance.now();
    }
    const seconds = (median(durations) / 1000) * partsEach * 100;
    times[way] = [...(times[way] ?? []), seconds];
  };

  const pool = connectionPool({ environment, home: homedir() });
  try {
    const { client, mgs } = setting.hosts.connections;
    const kept = async (managed: Managed): Promise<SshSite["commands"]> => {
      const over = sshSite(stack.fileSystem, { client, mds: client, mgs }, environment, pool);
      try {
        const { key, apply } = managed;
        await applyShare(over.site, { key, ...readShare(specText(apply.environment), key) });
      } finally {
        await over.close();
      }
      return over.commands;
    };
    await kept(share("first"));
    const recorded = (await kept(share("model"))).filter(({ command }) => command.argv[0] !== "flock");

    const eachAsProcess = async function* () {
      for (let index = 0; index < creates; index += 1) {
        const { args, environment: request } = share(`ours${index}`).apply;
        const argv = [process.execPath, bundle, ...args];
        yield expectSuccess(argv, await execute(argv, { ...request, ...environment }));
      }
    };
    const allInOne = async function* () {
      for (let index = 0; index < creates; index += 1) yield await kept(share(`kept${index}`));
    };
    const lines = (isMaster: boolean) => replays(setting, recorded, isMaster);
    await timed("sharewright, a process each", 1, eachAsProcess());
    await timed("sharewright, one process and connection", 1, allInOne());
    await timed("ssh command lines, ControlMaster", recorded.length, lines(true));
    await timed("ssh command lines", recorded.length, lines(false));
  } finally {
    await pool.close();
  }
}

/** chown is the real one: whoever is not root can give nothing away. */
function ownerOfAll(): string {
  const { uid, gid } = userInfo();
  return `${uid}:${gid}`;
}

/** The commands of other creates, with a name and an id of their own, one `ssh` after the other. */
async function* replays({ dir, hosts, latencyMs }: Setting, recorded: SshSite["commands"], isMaster: boolean) {
  const modelId = modelIdIn(recorded);
  const { client, mgs } = hosts.connections;
  const master = isMaster ? ["ControlMaster=auto", `ControlPath=${dir}/%C`, "ControlPersist=30"] : [];
  for (let index = 0; index < byCommandLines; index += 1) {
    replayed += 1;
    const [name, id] = [`replay${replayed}`, String(59000 + replayed)];
    const renamed = (text: string) =>
      text.replaceAll(`model-${latencyMs}`, `${name}-${latencyMs}`).replaceAll(modelId, id).replaceAll(hole, id);
    for (const { role, command } of recorded) {
      const argv = command.argv.map(renamed) as [string, ...string[]];
      const stdin = command.stdin === undefined ? undefined : renamed(command.stdin);
      yield await ssh(role === "mgs" ? mgs : client, master, { argv, ...(stdin === undefined ? {} : { stdin }) });
    }
  }
  if (isMaster) for (const connection of [client, mgs]) await ssh(connection, master, undefined);
}

let replayed = 0;

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function modelIdIn(recorded: SshSite["commands"]): string {
  const id = recorded.flatMap(({ command: { argv } }) => (argv[1] === "setquota" ? [argv[3]] : []))[0];
  if (id === undefined) throw new Error("the create that is the model has set no limits");
  return id;
}

/** Without a command: ends what ControlMaster keeps. */
async function ssh(connection: SshConnectionSpec, master: readonly string[], command: Command | undefined): Promise<void> {
  const { port, user, privateKeyPath, knownHostsPath, path = [] } = connection;
  const safe = [
    `UserKnownHostsFile=${knownHostsPath}`,
    "GlobalKnownHostsFile=none",
    "StrictHostKeyChecking=yes",
    "BatchMode=yes",
    "IdentitiesOnly=yes",
  ];
  const options = [...safe, ...master].flatMap((option) => ["-o", option]);
  const at = ["-p", String(port), "-i", privateKeyPath ?? "", `${user}@127.0.0.1`];
  const what = command ? [`PATH=${path.join(":")}:$PATH LC_ALL=C ${quote(command.argv)}`] : ["-O", "exit"];
  const argv = ["-F", "none", ...options, ...(command ? [...at, ...what] : [...what, ...at])];
  const child = spawn("ssh", argv, { stdio: ["pipe", "ignore", "ignore"], timeout: 60_000 });
  child.stdin.on("error", () => {}); // not every command reads it
  child.stdin.end(command?.stdin ?? "");
  const exitCode = await new Promise((resolve) => child.on("exit", resolve));
  if (exitCode === 255 && command) throw new Error(`ssh ${quote(argv)}: exit 255`);
}
