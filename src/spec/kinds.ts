// The one list of what sharewright manages. Imports nothing.

export const kinds = ["lustre.share", "lustre.access-rule"] as const;
export type Kind = (typeof kinds)[number];

export const actions = ["apply", "destroy"] as const;
export type Action = (typeof actions)[number];

export function isKind(text: string | undefined): text is Kind {
  return kinds.includes(text as Kind);
}

export function isAction(text: string | undefined): text is Action {
  return actions.includes(text as Action);
}
