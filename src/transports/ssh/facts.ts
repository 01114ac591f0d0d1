// What doctor wants to know of the far side: the user's login shell and number, and the host's clock.

export interface ShellFacts {
  loginShell: string;
  uid: string;
  /** The host's clock minus ours; known up to half of a round trip. */
  clockOffsetMs: number;
}

export const shellFactsText = `strict= told= status=0
printf '%s\\n' "$SHELL" "$(id -u)" "$(date +%s.%N)"
frame
`;

export function readShellFacts(said: string, askedAt: number, answeredAt: number): ShellFacts {
  const [loginShell = "", uid = "", clock = ""] = said.split("\n");
  // A date that knows no %N leaves it as it is.
  const there = Number.parseFloat(clock) * 1000;
  return { loginShell, uid, clockOffsetMs: Math.round(there - (askedAt + answeredAt) / 2) };
}
