// Modules inside ssh2 that are reached into.
declare module "ssh2/lib/client.js";
declare module "ssh2/lib/agent.js";
declare module "ssh2/lib/protocol/constants.js" {
  export const SUPPORTED_SERVER_HOST_KEY: string[];
}
declare module "ssh2/lib/protocol/keyParser.js" {
  export function parseDERKey(data: Buffer, type: string): unknown;
}
