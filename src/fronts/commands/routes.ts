// The tree of commands: their arguments, flags and help. What a command does is loaded only when it is called.
import { buildApplication, buildCommand, buildRouteMap, text_en } from "@stricli/core";
import { version } from "../../../package.json";
import { gates } from "../review";
import type { Context } from "./answer";

const json = { kind: "boolean", brief: "Print one JSON document", optional: true, withNegated: false } as const;
const stack = {
  kind: "parsed",
  parse: String,
  brief: "The synthesized stack, by folder or name (default: the only one below cdktf.out/stacks)",
  placeholder: "dir",
  optional: true,
} as const;
const fileSystem = {
  kind: "parsed",
  parse: String,
  brief: "The file system, where the stack has several: its name, or NAME-SITE",
  placeholder: "fsName",
  optional: true,
} as const;
const cluster = {
  kind: "parsed",
  parse: String,
  brief: "Only this GlusterFS cluster of the stack",
  placeholder: "name",
  optional: true,
} as const;
const stackDirectory = {
  kind: "tuple",
  parameters: [
    {
      brief: "The same as --stack",
      parse: String,
      placeholder: "stackDir",
      optional: true,
    },
  ],
} as const;
const shareName = (brief: string) => ({ brief, parse: String, placeholder: "name" }) as const;

/** What follows the description of every command that may end in other ways than 0 and the codes of a fault. */
const exits = (text: string) => `Exit codes: ${text}; faults as \`sharewright explain\` lists them.`;

const init = buildCommand({
  loader: () => import("./init"),
  parameters: {
    flags: {
      json,
      cdktn: { kind: "boolean", brief: "On CDK Terrain (cdktn) in place of cdktf", optional: true, withNegated: false },
      lustre: { kind: "boolean", brief: "With a share on Lustre (the default)", optional: true, withNegated: false },
      gluster: { kind: "boolean", brief: "With a share on GlusterFS", optional: true, withNegated: false },
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "The project's folder: a new one, or an empty one", parse: String, placeholder: "dir" }],
    },
  },
  docs: {
    brief: "Begin a project: a share, its test, and a pipeline",
    customUsage: ["dir", "--cdktn --gluster dir"],
    fullDescription: `Writes package.json, tsconfig.json, cdktf.json, main.ts, shares.ts with one share, a snapshot test, and pipelines for GitHub and GitLab: synth, plan, review, apply. Installs nothing; says what to run next.\n${exits("0, 2 the folder is not empty")}`,
  },
});

const plan = buildCommand({
  loader: () => import("./plan"),
  parameters: { flags: { json, stack }, positional: stackDirectory },
  docs: {
    brief: "Show what an apply would do, and what has drifted",
    customUsage: ["[--stack dir]"],
    fullDescription: `Compares the stack's code, Terraform's state and the storage, and changes nothing. Terraform cannot see drift of what its hooks made; this can.\n${exits("0 nothing to do, 9 something is not as described")}`,
  },
});

const review = buildCommand({
  loader: () => import("./review"),
  parameters: {
    flags: {
      json,
      markdown: {
        kind: "boolean",
        brief: "Print one comment for a pull request: at most 65,000 characters, details folded",
        optional: true,
        withNegated: false,
      },
      stepSummary: {
        kind: "boolean",
        brief: "Also append the comment to the file that GITHUB_STEP_SUMMARY names",
        optional: true,
        withNegated: false,
      },
      failOn: { kind: "enum", values: gates, brief: "What to end with another code for", default: "never" },
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "What `terraform show -json` printed; - is standard input", parse: String, placeholder: "plan" }],
    },
  },
  docs: {
    brief: "Tell what a plan of Terraform does to shares, access and data",
    customUsage: ["plan.json", "plan.json --markdown --fail-on data", "-"],
    fullDescription: `What goes first, with policy and size; who is let in and shut out; what is resized, adopted, moved; and how many replacements are harmless. Reads the plan alone: no storage, no stack, no credentials. Sensitive values are not shown.\n${exits("0, with --fail-on data or access 10 data goes or may go, with --fail-on access 11 access changes")}`,
  },
});

const status = buildCommand({
  loader: () => import("./status"),
  parameters: { flags: { json, stack }, positional: stackDirectory },
  docs: {
    brief: "Show the shares, access rules and snapshots of a stack",
    customUsage: ["[--stack dir]"],
    fullDescription: `One row each: use, limits, state, whether access is in force, and a mark where something has drifted.\n${exits("0 all as described, 9 something is not")}`,
  },
});

const repair = buildCommand({
  loader: () => import("./repair"),
  parameters: {
    flags: {
      json,
      stack,
      recreate: {
        kind: "parsed",
        parse: String,
        brief: "Make this share's lost directory, or volume, anew, empty",
        placeholder: "key",
        optional: true,
        variadic: true,
      },
    },
    positional: {
      kind: "array",
      parameter: { brief: "Keys as plan shows them (default: all that drifted)", parse: String, placeholder: "key" },
    },
  },
  docs: {
    brief: "Mend what has drifted, without Terraform",
    customUsage: ["[key]...", "--recreate key"],
    fullDescription: `Brings the storage back to what was applied last. What differs in the code is left to \`terraform apply\`.\n${exits("0 all mended, 9 something was left as it is")}`,
  },
});

const list = buildCommand({
  loader: () => import("./list"),
  parameters: {
    flags: {
      json,
      stack,
      unclaimed: {
        kind: "boolean",
        brief: "Only what no claim of this stack's state explains",
        optional: true,
        withNegated: false,
      },
    },
    positional: stackDirectory,
  },
  docs: {
    brief: "List what sharewright manages on the storage of a stack, of all owners",
    customUsage: ["[--stack dir]"],
    fullDescription: `Reads the records on file systems and on the volumes of clusters; with --json also where clients find a GlusterFS share: exportLocation, mountCommand, fstabEntry. --unclaimed shows leftovers: shares without owner, records of other stacks or of lost state, directories, nodemaps and project ids without a record, volumes with marks that cannot be relied on, and the trash.\n${exits("0, 5 a cluster does not answer, the others are listed")}`,
  },
});

const capacity = buildCommand({
  loader: () => import("./capacity"),
  parameters: { flags: { json, stack }, positional: stackDirectory },
  docs: {
    brief: "Show what the storage holds and what limits have promised",
    customUsage: ["[--stack dir]"],
    fullDescription: `From lfs df, or within seconds from statfs when a target is down; of GlusterFS from the bricks. Promised is the sum of the limits of all shares of all owners, the trash included.\n${exits("0, also with a target or brick down, 5 a cluster does not answer, the others are shown")}`,
  },
});

const doctor = buildCommand({
  loader: () => import("./doctor"),
  parameters: { flags: { json, stack }, positional: stackDirectory },
  docs: {
    brief: "Check that limits and access can hold here",
    customUsage: ["[--stack dir]"],
    fullDescription: `The checks that every first change begins with, and the tools they need.\n${exits("0 all good, 3 a check is bad")}`,
  },
});

const sudoers = buildCommand({
  loader: () => import("../lustre/sudoers"),
  parameters: {
    flags: {
      json,
      stack,
      role: {
        kind: "enum",
        values: ["client", "mds", "mgs", "server"],
        brief: "Only the hosts of this role",
        placeholder: "role",
        optional: true,
      },
      user: {
        kind: "parsed",
        parse: userName,
        brief: "The user of the rules (default: the connection's)",
        placeholder: "name",
        optional: true,
      },
      offline: {
        kind: "boolean",
        brief: "Do not ask the hosts where their tools are",
        optional: true,
        withNegated: false,
      },
    },
  },
  docs: {
    brief: "Print what sudo has to allow on hosts that are reached over SSH",
    customUsage: ["[--role role] [--user name]"],
    fullDescription: `A sudoers(5) file for each connection to Lustre with sudo: only the command lines that are run there, only below the records and the path prefix. Comments say which rules amount to root. Of GlusterFS it says which commands are run, since they amount to root however they are restricted. Changes nothing.\n${exits("0")}`,
  },
});

/** Words of sudoers(5), such as ALL, are quoted; whatever could end the quotes is no name. */
function userName(text: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._@\\-]*\$?$/.test(text)) throw new SyntaxError("write a user name");
  return text;
}

const bootstrap = buildCommand({
  loader: () => import("../lustre/bootstrap"),
  parameters: {
    flags: {
      json,
      stack,
      fileSystem,
      apply: { kind: "boolean", brief: "Do it; without this flag nothing is changed", optional: true, withNegated: false },
    },
    positional: stackDirectory,
  },
  docs: {
    brief: "Prepare a Lustre file system: trust servers, shut others out, enforce limits",
    customUsage: ["[--stack dir]"],
    fullDescription: `A dry run that first lists the connected clients which closing the default nodemap would shut out. --apply sets what is missing, nodemaps in force last, and looks again.\n${exits("0 nothing is missing or all set, 9 a dry run found something to set")}`,
  },
});

const release = buildCommand({
  loader: () => import("./release"),
  parameters: {
    flags: { json, stack, fileSystem, cluster },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Key of the share, such as shares/genomics; of GlusterFS its name", parse: String, placeholder: "key" },
      ],
    },
  },
  docs: {
    brief: "Stop managing a share and touch nothing",
    fullDescription: `Directory or volume, data, limits and project id stay; the record stays without an owner, so that none of it is ever given away. Refused while access rules open the share.\n${exits("0, 3 rules still open it, 4 another stack manages it")}`,
  },
});

const trashList = buildCommand({
  loader: async () => (await import("./trash")).trashList,
  parameters: { flags: { json, stack, fileSystem, cluster } },
  docs: {
    brief: "List what is in the trash",
    fullDescription: `Each keeps its limit and project id, or its volume, until it is restored or purged.\n${exits("0")}`,
  },
});

const trashRestore = buildCommand({
  loader: async () => (await import("./trash")).trashRestore,
  parameters: {
    flags: {
      json,
      stack,
      fileSystem,
      cluster,
      as: {
        kind: "parsed",
        parse: String,
        brief: "Another share name in the same prefix (Lustre)",
        placeholder: "name",
        optional: true,
      },
    },
    positional: { kind: "tuple", parameters: [shareName("Name as `trash list` shows it")] },
  },
  docs: { brief: "Put a share back where it was, managed by nobody", fullDescription: exits("0, 3 the place is taken") },
});

const trashPurge = buildCommand({
  loader: async () => (await import("./trash")).trashPurge,
  parameters: {
    flags: {
      json,
      stack,
      fileSystem,
      cluster,
      olderThan: {
        kind: "parsed",
        parse: days,
        brief: "All that has been in the trash for so many days",
        placeholder: "days",
        optional: true,
      },
    },
    positional: { kind: "tuple", parameters: [{ ...shareName("Name as `trash list` shows it"), optional: true }] },
  },
  docs: {
    brief: "Delete for good, then free limits and project id, or the volume",
    customUsage: ["name", "--older-than days"],
    fullDescription: `Cut off at any point, it goes on at the next purge.\n${exits("0")}`,
  },
});

function days(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new SyntaxError("write a whole number of days");
  return Number(text);
}

const bansList = buildCommand({
  loader: async () => (await import("../lustre/bans")).bansList,
  parameters: { flags: { json, stack, fileSystem } },
  docs: {
    brief: "List the clients that are cut off",
    fullDescription: `Those that \`revocation\` cut or ban has put on the banlist of a nodemap: what each may still have mounted, and whether it is connected, where the MGS can tell.\n${exits("0")}`,
  },
});

const bansLift = buildCommand({
  loader: async () => (await import("../lustre/bans")).bansLift,
  parameters: {
    flags: {
      json,
      stack,
      fileSystem,
      evenMounted: {
        kind: "boolean",
        brief: "Also those that are seen to be connected: what they had mounted works again",
        optional: true,
        withNegated: false,
      },
    },
    positional: {
      kind: "array",
      parameter: {
        brief: "An address, network, NID or range of NIDs, as in an access rule",
        parse: String,
        placeholder: "client",
      },
    },
  },
  docs: {
    brief: "Let clients in again that were cut off",
    customUsage: ["client...", "client... --even-mounted"],
    fullDescription: `Unmount the file system on them first: a mount that outlives its ban works again, also of what was taken from the client.\n${exits("0, 3 a client is still connected")}`,
  },
});

const explain = buildCommand({
  loader: () => import("./explain"),
  parameters: {
    flags: { json },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "An error code, such as NID_TAKEN", parse: String, placeholder: "code", optional: true }],
    },
  },
  docs: {
    brief: "Explain an error code, or list all",
    customUsage: ["[code]"],
    fullDescription: exits("0, 2 there is no such code"),
  },
});

const completion = buildCommand({
  loader: () => import("./completion"),
  parameters: {
    positional: { kind: "tuple", parameters: [{ brief: "bash, zsh or fish", parse: String, placeholder: "shell" }] },
  },
  docs: { brief: "Print a completion script for a shell", fullDescription: 'For example: eval "$(sharewright completion bash)"' },
});

// Started before this tree is asked, by src/main.ts; here for its place in the help and in completions.
const sandbox = buildCommand({
  loader: () => import("./completion"),
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "See `sharewright sandbox --help`", parse: String, placeholder: "command" }],
    },
  },
  docs: { brief: "Lustre on a laptop: stand-ins for development, demos and CI" },
});

const root = buildRouteMap({
  routes: {
    init,
    plan,
    review,
    status,
    repair,
    list,
    capacity,
    doctor,
    sudoers,
    bootstrap,
    release,
    trash: buildRouteMap({
      routes: { list: trashList, restore: trashRestore, purge: trashPurge },
      docs: { brief: "What removal policy `trash` keeps: list, restore, purge" },
    }),
    bans: buildRouteMap({
      routes: { list: bansList, lift: bansLift },
      docs: { brief: "Clients that were cut off (`revocation`): list, lift" },
    }),
    explain,
    completion,
    sandbox,
  },
  docs: {
    brief: "Shares on Lustre and GlusterFS as code: commands for operators",
    fullDescription:
      "Shares on Lustre and GlusterFS as code: commands for operators. They read a stack that `cdktf synth` or `cdktn synth` made; `deploy` and `destroy` change it.",
  },
});

export function application(colour: boolean) {
  return buildApplication<Context>(root, {
    name: "sharewright",
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: {
      caseStyle: "convert-camel-to-kebab",
      disableAnsiColor: !colour,
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: true,
    },
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          usageError(
            `there is no command "${input}"`,
            corrections.length > 0 ? `did you mean ${corrections.join(" or ")}?` : "`sharewright --help` lists them",
          ),
        exceptionWhileParsingArguments: (error) =>
          usageError(error instanceof Error ? error.message : String(error), "--help shows what the command takes"),
      },
    },
  });
}

function usageError(summary: string, fix: string): string {
  return `error BAD_REQUEST  ${summary}\n  fix       ${fix}`;
}
