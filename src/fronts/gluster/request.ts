// What a request about GlusterFS asks for.
import {
  type ClusterSpec,
  clustersSchema,
  glusterRuleMessage,
  glusterShareMessage,
  glusterSnapshotMessage,
} from "../../spec/gluster";
import { env } from "../../spec/request";
import { readJson } from "../request";

export function readClusters(text: string): ClusterSpec[] {
  return readJson(clustersSchema, text, env.clusters);
}

export function readGlusterShare(text: string, key: string) {
  return readJson(glusterShareMessage.triggers, text, env.spec, key);
}

export function readGlusterRule(text: string, key: string) {
  return readJson(glusterRuleMessage.triggers, text, env.spec, key);
}

export function readGlusterSnapshot(text: string, key: string) {
  return readJson(glusterSnapshotMessage.triggers, text, env.spec, key);
}
