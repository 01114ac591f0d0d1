// Reads strings of Terraform as far as their expressions are plain references. Pure.

/**
 * What a string says, its references as `says` tells them; undefined where it does not know one, and for anything else than references. "$${" stands
 * for "${".
 */
export function textIn(text: string, says: (reference: string) => string | undefined = () => undefined): string | undefined {
  const parts = text.split(/(?<!\$)\$\{([^{}]*)\}/).map((part, index) => (index % 2 === 0 ? literalText(part) : says(part)));
  return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
}

function literalText(text: string): string | undefined {
  if (/(?<![$%])[$%]\{/.test(text)) return undefined;
  return text.replaceAll("$${", "${").replaceAll("%%{", "%{");
}
