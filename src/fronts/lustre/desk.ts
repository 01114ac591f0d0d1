// Lustre, as commands meet it.
import { lustreFaults } from "../../backends/lustre/faults";
import type { FileSystemSpec } from "../../spec/lustre";
import type { Desk } from "../desk";
import { capacity } from "./capacity";
import { chooseFileSystem } from "./choose";
import { check } from "./doctor";
import { lustre as system } from "./hooks";
import { list, unclaimed } from "./list";
import { survey } from "./survey";
import { release, trash } from "./trash";
import { views } from "./view";

export const lustre: Desk<FileSystemSpec> = {
  system,
  faults: lustreFaults,
  views,
  places: "fileSystems",
  flag: "fileSystem",
  choose: (config, named) => [chooseFileSystem(config, named)],
  survey,
  list,
  unclaimed,
  capacity,
  check,
  release,
  trash,
};
