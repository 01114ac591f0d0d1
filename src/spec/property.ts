// Reading one property out of the text that a trigger holds.
import * as z from "zod/mini";

/** A text that fits. `z.regex` would bring all of zod's formats of texts into every hook. */
export const matching = (pattern: RegExp, rule: string) => z.refine<string>((text) => pattern.test(text), rule);

/** `fix` says what to write where `read` makes nothing of the text. */
export function property<T>(fix: string, read: (text: string) => T | undefined) {
  return z.pipe(
    z.string(),
    z.transform((text, context) => {
      const value = read(text);
      if (value !== undefined) return value;
      context.issues.push({ code: "custom", message: fix, input: text });
      return z.NEVER;
    }),
  );
}

export const flag = property('write "true" or leave it out', (text) => (text === "true" ? true : undefined));
