// Work of commands that only Lustre has, on the one file system that they are about.
import type { Site } from "../../backends/lustre/site";
import type { Context } from "../commands/answer";
import { logOf } from "../commands/site";
import type { StackConfig } from "../stack-config";
import { chooseFileSystem } from "./choose";
import { withSite } from "./site";

export async function onFileSystem<T>(
  context: Context,
  config: StackConfig,
  flags: { json?: boolean; fileSystem?: string },
  work: (site: Site) => Promise<T>,
): Promise<T> {
  return withSite(chooseFileSystem(config, flags.fileSystem), logOf(context, flags.json), work);
}
