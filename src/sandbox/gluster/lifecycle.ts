// volume start, stop, delete (golden start-*, stop-*, delete-*).
import { existsSync } from "node:fs";
import { type Answer, done, element, unanswered, usage } from "./answer";
import { type Call, inTransaction, type Refuse, type Voice } from "./call";
import { brickPath, makeOwnDirectories } from "./files";
import { snapshotsOf } from "./info";
import { settleMounts } from "./mounts";
import { giveRoot } from "./root-owner";
import { isOn, optionOf, type Volume } from "./state";
import { usages } from "./texts";

function voiceOf(verb: string, namesBusy: boolean): Voice {
  return { prefix: (name) => `volume ${verb}: ${name}: failed: `, namesBusy };
}

function success({ isXml }: Call, verb: "start" | "stop" | "delete", { name, id }: Volume): Answer {
  const tag = { start: "volStart", stop: "volStop", delete: "volDelete" }[verb];
  return done(isXml, {
    text: `volume ${verb}: ${name}: success\n`,
    xml: [element(tag, [element("volume", [element("name", name), element("id", id)])])],
  });
}

export function start(call: Call, [name, force, ...more]: string[]): Answer {
  if (name === undefined || more.length > 0 || (force !== undefined && force !== "force")) return usage("", usages.start);
  return inTransaction(call, voiceOf("start", false), name, (volume, refuse) => {
    if (force === undefined) {
      if (volume.status === "Started") return refuse(`Volume ${name} already started`);
      const problem = startProblem(call, volume, refuse);
      if (problem) return problem;
    }
    for (const brick of volume.bricks) brick.isUp = existsSync(brickPath(call.dir, call.cluster, brick)) && !breaksGraph(volume);
    volume.status = "Started";
    volume.servesTls = isOn(optionOf(volume, "server.ssl"));
    makeOwnDirectories(call.dir, call.cluster, volume);
    giveRoot(call, volume);
    settleMounts(call, volume, true);
    return success(call, "start", volume);
  });
}

function startProblem({ dir, cluster }: Call, volume: Volume, refuse: Refuse): Answer | undefined {
  const gone = volume.bricks.find((brick) => !existsSync(brickPath(dir, cluster, brick)));
  if (gone)
    return refuse(`Failed to find brick directory ${gone.path} for volume ${volume.name}. Reason : No such file or directory`);
  if (breaksGraph(volume)) return refuse("Commit failed on localhost. Please check log file for details.");
  return undefined;
}

/** A quote in a value that goes into the bricks' volume files is a syntax error there: no brick starts (start-quote). */
function breaksGraph({ options }: Volume): boolean {
  return options.some(([name, value]) => !name.startsWith("user.") && value.includes('"'));
}

export function stop(call: Call, [name, force, ...more]: string[]): Answer {
  if (name === undefined || more.length > 0 || (force !== undefined && force !== "force")) return usage("", usages.stop);
  if (!call.isScript) return unanswered("Stopping volume will make its data inaccessible. Do you want to continue?");
  return inTransaction(call, voiceOf("stop", false), name, (volume, refuse) => {
    if (volume.status !== "Started" && force === undefined) return refuse(`Volume ${name} is not in the started state`);
    volume.status = "Stopped";
    for (const brick of volume.bricks) brick.isUp = false;
    settleMounts(call, volume);
    return success(call, "stop", volume);
  });
}

export function deleteVolume(call: Call, [name, ...more]: string[]): Answer {
  if (name === undefined || more.length > 0) return usage("", usages.delete);
  if (!call.isScript) return unanswered("Deleting volume will erase all information about the volume. Do you want to continue?");
  const { cluster } = call;
  return inTransaction(call, voiceOf("delete", true), name, (volume, refuse) => {
    if (cluster.servers.some(({ isUp }) => !isUp)) return refuse("Some of the peers are down");
    const count = snapshotsOf(cluster, name).length;
    if (count > 0)
      return refuse(
        `Cannot delete Volume ${name} ,as it has ${count} snapshots. To delete the volume, first delete all the snapshots under it.`,
      );
    if (volume.status === "Started") return refuse(`Volume ${name} has been started.Volume needs to be stopped before deletion.`);
    // A volume of no name lies in the directory of all: it takes the others' configuration with it.
    cluster.volumes = name === "" ? [] : cluster.volumes.filter((other) => other !== volume);
    return success(call, "delete", volume);
  });
}
