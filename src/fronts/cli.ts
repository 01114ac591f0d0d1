// What people run.
import type { Sink } from "../core/log";
import type { Environment } from "./request";

export async function cli(_args: readonly string[], _environment: Environment, sink: Sink): Promise<number> {
  sink.stdout("sharewright: no command yet\n");
  return 2;
}
