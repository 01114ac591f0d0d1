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
} from "../spec/gluster";
import { env } from "../spec/request";
import { type Environment, readJson, required } from "./request";

export function readClusters(text: string): ClusterSpec[] {
  return readJson(clustersSchema, text, env.clusters);
}

/** Of an apply: where its share may be. Of a destroy: all of the stack. */
export function clustersOf(environment: Environment): ClusterSpec[] {
  return readClusters(required(environment, env.clusters));
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
