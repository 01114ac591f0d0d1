// Texts that are read at every look, of which most are as they were at the look before.

/**
 * Reads texts of an owner, each once: what has been read, of the last two looks, is not read again. `begin` begins a look. What is read is shared, so nobody
 * may change it.
 */
export function readingAgain<Owner extends object, Read>(
  read: (text: string, owner: Owner) => Read,
): (owner: Owner) => (text: string) => Read {
  const looks = new WeakMap<Owner, ReadonlyMap<string, Read>>();
  return (owner) => {
    const before = looks.get(owner);
    const now = new Map<string, Read>();
    looks.set(owner, now);
    return (text) => {
      const known = now.get(text) ?? before?.get(text) ?? read(text, owner);
      now.set(text, known);
      return known;
    };
  };
}
