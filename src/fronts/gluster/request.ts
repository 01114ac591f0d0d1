// What a request about GlusterFS asks for.
import {
  type ClusterSpec,
  clustersSchema,
  glusterRuleFromWire,
  glusterRuleWireSchema,
  glusterShareFromWire,
  glusterShareWireSchema,
  glusterSnapshotFromWire,
  glusterSnapshotWireSchema,
} from "../../spec/gluster";
import { env } from "../../spec/request";
import { readJson } from "../request";

export function readClusters(text: string): ClusterSpec[] {
  return readJson(clustersSchema, text, env.clusters);
}

export function readGlusterShare(text: string, key: string) {
  return glusterShareFromWire(readJson(glusterShareWireSchema, text, env.spec, key));
}

export function readGlusterRule(text: string, key: string) {
  return glusterRuleFromWire(readJson(glusterRuleWireSchema, text, env.spec, key));
}

export function readGlusterSnapshot(text: string, key: string) {
  return glusterSnapshotFromWire(readJson(glusterSnapshotWireSchema, text, env.spec, key));
}
