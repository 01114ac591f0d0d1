// Errors of Connection.ssh: one factory each. None repeats a text that may be a secret which was pasted into the wrong place.
import { ShareSynthesisError } from "./synthesis-error";

const named = (property: string) => `Connection.ssh.${property}`;

export function connectionToken(property: string): ShareSynthesisError {
  return new ShareSynthesisError({
    property: named(property),
    problem: "is a token, but a connection must be known at synthesis: Terraform runs a destroy hook with literals only",
    fix: "write a literal; for an address known only later write a name, and let DNS or HostName in ~/.ssh/config resolve it",
  });
}

export function noHost(): ShareSynthesisError {
  return new ShareSynthesisError({
    property: named("host"),
    problem: "is missing",
    fix: "write host, or hosts for several of which one has the role",
  });
}

export function excludeEachOther(one: string, other: string, fix: string): ShareSynthesisError {
  return new ShareSynthesisError({ property: named(one), problem: `and \`${other}\` exclude each other`, fix });
}

export function badJump(type: string | undefined): ShareSynthesisError {
  return new ShareSynthesisError({
    property: named("jump"),
    problem: type === "local" ? "is the machine that runs Terraform, where every way begins" : "is no connection",
    fix: "write Connection.ssh({ host: ... }) for the host to go through, or leave it out",
  });
}

export function badSudo(value: unknown): ShareSynthesisError {
  return new ShareSynthesisError({
    property: named("sudo"),
    ...valueAndProblem("sudo", value, "is none of the possible values"),
    fix: 'write "none", "sudo -n", or the words of another command such as { argv: ["doas", "-n"] }',
  });
}

export function unknownOption(property: string): ShareSynthesisError {
  return new ShareSynthesisError({
    property: named(property),
    problem: "is no property of a connection",
    fix: "see SshConnectionOptions; a secret is named by passwordFromEnv, passphraseFromEnv or privateKeyPath",
  });
}

export function badOption(property: string, value: unknown, fix: string): ShareSynthesisError {
  return new ShareSynthesisError({ property: named(property), ...valueAndProblem(property, value, "cannot be used"), fix });
}

function valueAndProblem(property: string, value: unknown, problem: string) {
  if (typeof value === "string" && mayHoldSecret(property, value)) {
    return { problem: `${problem}; the value is not shown, since it may hold a secret` };
  }
  return { value: typeof value === "object" && value !== null ? undefined : value, problem };
}

// Where people paste a secret when they take the reference to one for the secret itself.
const references = ["passwordFromEnv", "passphraseFromEnv"];
// A line of a private key in PEM has 64 characters or more.
const longest = 60;

function mayHoldSecret(property: string, text: string): boolean {
  return (
    references.includes(property) ||
    text.length > longest ||
    /[\r\n]|PRIVATE KEY/.test(text) ||
    // "user:password", "user:password@host", `echo password | sudo -S`
    (property === "user" && text.includes(":")) ||
    (property.startsWith("host") && text.includes("@")) ||
    (property.startsWith("sudo") && /[|<>;&$]/.test(text))
  );
}
