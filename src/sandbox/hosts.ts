// What each host of the sandbox sees. `all` is the laptop: MGS, MDT, OSTs and a client on one machine.

export interface Sight {
  mgs: boolean;
  /** Knows the nodemaps: the MGS, and every target server gets them by config lock. A client shows an empty MGS (golden e010). */
  nodemaps: boolean;
  mount: boolean;
  targets: readonly ("mdt" | "ost")[];
}

export const hosts = {
  all: { mgs: true, nodemaps: true, mount: true, targets: ["mdt", "ost"] },
  client: { mgs: false, nodemaps: false, mount: true, targets: [] },
  mgs: { mgs: true, nodemaps: true, mount: false, targets: [] },
  mds: { mgs: false, nodemaps: true, mount: true, targets: ["mdt"] },
  oss: { mgs: false, nodemaps: true, mount: false, targets: ["ost"] },
} as const satisfies Record<string, Sight>;

/** A server of a Gluster cluster, such as "gluster1-2". It sees nothing of Lustre. */
export type GlusterHost = `gluster${number}-${number}`;
export type HostName = keyof typeof hosts | GlusterHost;

export function isHostName(name: string): name is HostName {
  return Object.hasOwn(hosts, name) || /^gluster\d+-\d+$/.test(name);
}

export function sightOf(host: HostName): Sight {
  const nothing = { mgs: false, nodemaps: false, mount: false, targets: [] };
  return Object.entries(hosts).find(([name]) => name === host)?.[1] ?? nothing;
}
