// What a request about GlusterFS asks for.
import {
  type ClusterSpec,
  clustersSchema,
  glusterRuleMessage,
  glusterShareMessage,
  glusterSnapshotMessage,
} from "../../spec/gluster";
import { env } from "../../spec/request";
import { readerOf, readJson } from "../request";

export function readClusters(text: string): ClusterSpec[] {
  return readJson(clustersSchema, text, env.clusters);
}

export const readGlusterShare = readerOf(glusterShareMessage.triggers);
export const readGlusterRule = readerOf(glusterRuleMessage.triggers);
export const readGlusterSnapshot = readerOf(glusterSnapshotMessage.triggers);
