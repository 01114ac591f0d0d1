// Mutants that no test has to see, each with the reason, by their key. One that is not a mutant any more fails `mutants.test.ts`.
export const accepted: Readonly<Record<string, string>> = {
  "src/backends/gluster/volume/capacity.ts spaceOf.smallest: amount < least -> amount <= least":
    "Of two amounts that are the same either is the smallest.",
  "src/backends/lustre/share/release.ts planRelease: throw noSuchShare(key); -> (dropped)":
    "releaseShare asks the same before; here only for a share that goes in between, where reading what is not there throws as well.",
  "src/backends/lustre/share/observe.ts observeForApply: [0, record.projectId] -> [record.projectId]":
    "Project id 0 is nobody's: no link claims it, so that only a look more is made.",
  "src/transports/ssh/session.ts openOn: throw error; -> (dropped)":
    "A shell that is not ready is rejected as a ShellFailure and as nothing else: here only for a fault of our own.",
  "src/transports/ssh/shell.ts openShell.close: clearTimeout(helloDeadline); -> (dropped)":
    "The end that close waits for clears it as well; before that it could only give another reason for the same end.",
  "src/transports/ssh/frames.ts frameReader.take: end < 0 -> end <= 0":
    "An end that is found lies behind its marker, so that it is never 0.",
};
