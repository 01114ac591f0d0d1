// Which ways to log in have been tried, for ssh2 to go on and for people to read.
import type { Way, Ways } from "./authentication";

/** `report()` holds no secret. */
export function authenticationProgress({ ways, unusable }: Ways) {
  const tried: Way[] = [];
  const notes: string[] = [];
  const rest = [...ways];
  let offered: readonly string[] | undefined;
  return {
    /** The next way that the server still takes; undefined: none. */
    next(left: readonly string[] | null): Way | undefined {
      offered = left ?? offered;
      while (rest.length > 0) {
        const way = rest.shift() as Way;
        if (left && !left.includes(way.method)) notes.push(`${way.say()}: not tried, the server does not take it`);
        else {
          tried.push(way);
          return way;
        }
      }
      return undefined;
    },
    /** ssh2 says so of one key or agent, and goes on to the next way. */
    isAboutOneWay: ({ level, message }: { level?: string; message: string }) =>
      level === "agent" || (level === "client-authentication" && !message.startsWith("All configured")),
    note: (message: string) => void notes.push(message),
    current: () => tried.at(-1)?.say() ?? "",
    wasRefused: () => offered !== undefined,
    report: () =>
      [
        ...tried.map((way) => `tried: ${way.say()}`),
        ...notes,
        ...unusable.map((why) => `not tried: ${why}`),
        `the server takes: ${offered?.join(", ") || "it did not say what"}`,
      ].join("\n"),
  };
}

export type AuthenticationProgress = ReturnType<typeof authenticationProgress>;
