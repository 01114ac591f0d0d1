// Nodemaps, what they inherit, filesets, id maps, NIDs, and the same commands off the MGS: transcripts inh, live, fs4, id11, nid12 and off13;
// what a client sees of where it has mounted: fid9. In the order of the measurement, but for the mounts (mount-as.test.ts).
import { replaySecondLook } from "./golden/second-look";

/** The connections of the measured machines. */
const exportLines = (text: string) =>
  text.replace(/exports=\n\[\n(?: \{ nid: .*\n)+\]/g, "exports=EXPORTS").replace(/exports=\[\]/g, "exports=EXPORTS");

replaySecondLook({
  groups: ["inh", "live", "fs4", "id11", "nid12", "nid12x", "off13", "fid9", "fidc9", "inhx"],
  between: [
    {
      before: "y553",
      change: (state) => {
        state.nextRangeId = 6; // the servers had been restarted
      },
    },
    {
      before: "y616",
      change: (state) => {
        state.nextRangeId = 29;
      },
    },
  ],
  leftOut: [
    {
      reason:
        "a real mount by a client, or what is seen through it (mount-as.test.ts; findmnt, getname and df of second mounts are not modelled)",
      cases: /^y(573|575|60[6-9]|61[0-5]|617|618|619|62\d|63[01])$/,
    },
    { reason: "parameters of the MGS and of quota that nobody asks for", cases: /^y(171|17[4-8]|18[45])$/ },
    { reason: "the connection to the MGS and devices of the measured client", cases: /^y(577|589|590|600)$/ },
  ],
  rules: [
    {
      cases: /^y16[6-9]$/,
      rule: (text) => text.replace(/(gen|nidtbl_version|notify_\w+): [\d.]+/g, "$1: N"),
      why: "how often the MGS has changed its logs",
    },
    {
      cases: /^y182$/,
      rule: (text) => text.replace(/^osd-ldiskfs\.(delayed_unlink_mb|track_declares_assert)\n/gm, ""),
      why: "parameters that nobody asks for",
    },
    { cases: /./, rule: exportLines, why: "connections of the measured machines" },
  ],
});
