// Transcripts that are not replayed, each for a reason. A transcript that is neither here nor replayed fails the test.

interface LeftOut {
  reason: string;
  cases: RegExp;
}

export const leftOut: Readonly<Record<"gluster" | "gluster-three", readonly LeftOut[]>> = {
  gluster: [
    { reason: "help texts", cases: /-help(-xml)?$/ },
    { reason: "another server's glusterd by --remote-host", cases: /^remote-/ },
    { reason: "peers are not joined in the sandbox", cases: /^peer-probe-/ },
    { reason: "a dump of glusterd's state into a file", cases: /^get-state$/ },
    { reason: "a host name that the server's resolver knows as its own", cases: /^create-hostname$/ },
    { reason: "client connections of bricks", cases: /^status-clients$/ },
    { reason: "quota of a glusterd whose store lies where the command looks for it", cases: /^quota-(list|enable)$/ },
    { reason: "pools that were measured for the executor", cases: /^three-|^quota-(limit|list-root|hard-timeout)/ },
  ],
  "gluster-three": [
    { reason: "client connections of bricks", cases: /^q1-clients$/ },
    { reason: "servers without the commands of LVM: told by host-snap-*", cases: /^snap-nolvm-/ },
    { reason: "the same as info-missing", cases: /^set-value-newline-xml$/ },
  ],
};
