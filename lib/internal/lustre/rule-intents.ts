// What a stack asks of all its access rules on one file system, for the hook of each: rules that contradict what another one was are no conflict
// when the other is about to change as well. One local holds it, so that the JSON grows with the number of rules and not with its square; all in it is
// literal, since a reference would make every rule wait for whatever the others refer to, and could go round in a circle.
import { createHash } from "node:crypto";
import type { Construct } from "constructs";
import type { RuleIntent } from "../../../src/spec/lustre";
import { env, maxEnvBytes } from "../../../src/spec/request";
import { frameworkOf } from "../framework";
import { addLocal } from "../locals";
import { isToken, lazy } from "../tokens";

type Rights = Omit<RuleIntent, "clients">;

interface Declared {
  readonly rights: Rights;
  /** As the trigger has it; may hold tokens. */
  readonly clients: string;
  /** As the record on the storage has it; undefined where that is not known at synthesis. */
  readonly qualified: string | undefined;
}

export class RuleIntents {
  private readonly rules = new Map<string, Declared>();
  private parts: { count: number; texts: string[] } | undefined;

  constructor(
    private readonly scope: Construct,
    private readonly name: string,
  ) {}

  add(key: string, rule: Declared): void {
    if (this.rules.size === 0) {
      const texts = lazy(() => this.texts());
      addLocal(this.scope, this.name, this.name, texts);
    }
    this.rules.set(key, rule);
  }

  /** Environment of a hook, split so that no value is longer than a process may be given. */
  environment(): Record<string, string> {
    return Object.fromEntries(this.texts().map((_, index) => [`${env.rules}_${index}`, `\${local.${this.name}[${index}]}`]));
  }

  /** The parts. Every rule of the stack asks for the same. */
  texts(): string[] {
    if (this.parts?.count !== this.rules.size) this.parts = { count: this.rules.size, texts: this.split() };
    return this.parts.texts;
  }

  private split(): string[] {
    const parts: Record<string, RuleIntent>[] = [{}];
    let bytes = 2;
    for (const [key, rule] of [...this.rules].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const intent = this.intentOf(rule);
      const added = JSON.stringify({ [key]: intent }).length;
      if (bytes + added > maxEnvBytes) {
        parts.push({});
        bytes = 2;
      }
      (parts.at(-1) as Record<string, RuleIntent>)[key] = intent;
      bytes += added;
    }
    return parts.map((part) => JSON.stringify(part));
  }

  private intentOf({ rights, clients, qualified }: Declared): RuleIntent {
    return {
      ...rights,
      squash: isToken(rights.squash) ? this.reference(rights.squash) : rights.squash,
      clients: qualified === undefined ? this.reference(clients) : textDigest(qualified),
    };
  }

  private reference(text: string): string {
    const { DefaultTokenResolver, StringConcat, Tokenization } = frameworkOf(this.scope);
    const options = { scope: this.scope, resolver: new DefaultTokenResolver(new StringConcat()), preparing: false };
    return `=${textDigest(JSON.stringify(Tokenization.resolve(text, options)))}`;
  }
}

/** As the executor's `textDigest`. */
export function textDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 12);
}
