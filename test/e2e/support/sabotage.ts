// Kills glusterd, or the executor, at a certain gluster command: it stands between the executor and a server's `gluster`.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GlusterNode } from "../../glusterd/node";

export interface Blow {
  /** The how-manieth of the commands that `match`. @default 1 */
  nth?: number;
  /** Words that follow each other in the command. @default any command */
  match?: string;
  victim: "glusterd" | "executor";
  /** "during": so many milliseconds after the command was started. "unwritten": after it, and its volume's options are not stored, as where
   * glusterd dies between writing what it serves and what it tells. */
  when: "before" | "after" | "unwritten" | { during: number };
}

export interface Saboteur {
  /** Strikes once, and forgets what was heard before. */
  prepare(blow: Blow): void;
  /** Strikes no more. Returns the command that was struck, if one was. */
  rest(): string | undefined;
  /** Commands since the last `prepare` or `rest`. */
  heard(): string[];
}

export function sabotage(node: GlusterNode): Saboteur {
  const at = (name: string) => join(node.machine.bin, name);
  const [log, plan, struck] = [at("gluster.log"), at("gluster.plan"), at("gluster.struck")];
  const clean = () => {
    for (const file of [log, plan, struck]) rmSync(file, { force: true });
  };
  renameSync(at("gluster"), at("gluster.real"));
  writeFileSync(at("gluster"), wrapper(at("gluster.real"), node), { mode: 0o755 });
  return {
    prepare({ nth = 1, match = "", victim, when }) {
      clean();
      const [moment, seconds] = typeof when === "string" ? [when, 0] : ["during", when.during / 1000];
      writeFileSync(plan, `${nth}\n${victim}\n${moment}\n${seconds}\n${match}\n`);
    },
    rest() {
      const command = existsSync(struck) ? readFileSync(struck, "utf8").trim() : undefined;
      clean();
      return command;
    },
    heard: () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : []),
  };
}

const wrapper = (real: string, { machine, workingDirectory }: GlusterNode) => `#!/bin/sh
echo "$*" >>"$0.log"
[ -e "$0.plan" ] || exec ${real} "$@"
{ read -r nth; read -r victim; read -r moment; read -r seconds; read -r match; } <"$0.plan"
case "$*" in *"$match"*) ;; *) exec ${real} "$@" ;; esac
[ "$(grep -cF -e "$match" "$0.log")" = "$nth" ] || exec ${real} "$@"
rm "$0.plan"
echo "$*" >"$0.struck"
strike() {
  case "$victim" in
  glusterd) kill -KILL "$(cat ${join(machine.directory, "run/glusterd.pid")})" ;;
  executor) kill -KILL "$PPID" ;;
  esac
}
case "$moment" in
before) strike; ${real} "$@" ;;
unwritten)
  for info in ${workingDirectory}/vols/*/info; do cp "$info" "$info.before"; done
  ${real} "$@"; ended=$?; strike
  for info in ${workingDirectory}/vols/*/info; do mv "$info.before" "$info"; done
  exit "$ended" ;;
after) ${real} "$@"; ended=$?; strike; exit "$ended" ;;
during)
  ${real} "$@" &
  sleep "$seconds"; strike
  wait $! ;;
esac
`;
