// Golden cases that are not replayed, each for a reason. A case that is neither here nor replayed fails the test.

export interface LeftOut {
  reason: string;
  cases: RegExp;
}

export const leftOut: readonly LeftOut[] = [
  {
    reason: "not a command that an executor runs on Lustre (cat, mount tables, lists of commands, llogs)",
    cases: /^(a004|a008|a009|a010|a011|a012|a036|a037|a046|b042|b076|c011|i003)$/,
  },
  { reason: "void: the MDS did not know the user yet", cases: /^(a026|b04[789]|b050)$/ },
  { reason: "void: an unquoted FID met a file of one letter", cases: /^(b068|b069)$/ },
  { reason: "void: the project id had been cleared before", cases: /^k01[2-7]$/ },
  { reason: "void: the spell in which limits were not enforced", cases: /^(m216-03[12]|n00\d)$/ },
  { reason: "hunting that spell: restarts, toggles, private scripts", cases: /^[rsuvwx]\d+$/ },
  {
    reason: "a pipe, a loop or another language on the line (concurrency has a test of its own)",
    cases: /^(b018|b052|b054|b056|b057|d209|d210|d211|g030|g031|h003|i002|i000|i004|i005|i006|q018|q027|q040|q041)$/,
  },
  { reason: "hard links: made by the real ln", cases: /^b059$/ },
  { reason: "grants and usage of single targets are not modelled", cases: /^(c018|c083|c084|l015|q004|q010|m216-008)$/ },
  { reason: "a user's own quota, by his name", cases: /^c068$/ },
  {
    reason: "writing data with dd: the sandbox refuses exactly at the limit (client-write.test.ts)",
    cases: /^(q002|q006|q011|q013|q025|q032|q036|q038|q042|l001|l003|l009)$/,
  },
  {
    reason: "files seen by a client that stays mounted (mount-as.test.ts)",
    cases: /^(f000|f002|f009|f019|f020|f024|f027|f031|f034|f039|f047|k002|k003|k006)$/,
  },
  {
    reason: "lfs run by a tenant's own client: the sandbox's lfs is the administrator's",
    cases: /^(f004|f005|f007|f043|f045|k004|k005|k007|k009|k011|k019|l005|l006|l007)$/,
  },
  { reason: "a hanging lfs df and a target that comes back (targets.test.ts)", cases: /^(l012|l013|l014|l016)$/ },
  { reason: "2.16.1's lctl against 2.17.0's kernel: the parameters are 2.17's", cases: /^m216lctl-018$/ },
];
