// The one list of what sharewright manages. Imports nothing.

const lustreKinds = ["lustre.share", "lustre.access-rule"] as const;
export type LustreKind = (typeof lustreKinds)[number];

export const glusterKinds = ["gluster.share", "gluster.access-rule", "gluster.snapshot"] as const;
export type GlusterKind = (typeof glusterKinds)[number];

const kinds = [...lustreKinds, ...glusterKinds] as const;
export type Kind = (typeof kinds)[number];

/** adopt: an apply that takes over what it finds. */
const actions = ["apply", "adopt", "destroy"] as const;
export type Action = (typeof actions)[number];

export function isAction(text: string | undefined): text is Action {
  return actions.includes(text as Action);
}
