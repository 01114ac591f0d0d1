// The transcripts of three servers in the order of the measurement, with what was done in between. A line with a blank is a command of
// gluster, unless it begins with "server" or "brick".

export const servers = ["127.77.1.1", "127.77.1.2", "127.77.1.3"];

const q1 = "volume quota q1";

export const threePlay: readonly string[] = [
  "three-pool-list", "three-peer-status",
  "three-create-rep", "three-create-arb", "three-create-disp", "three-create-dr", "three-create-dd", "three-create-darb", "three-create-dist",
  "three-info-r3", "three-info-arb", "three-info-dis", "three-info-dr", "three-info-dd", "three-info-darb", "three-info-dist",
  "three-start", "three-start-dist", "three-status", "three-status-detail", "three-status-dist",
  "quota-list-root-disabled", "quota-limit-disabled", "quota-remove-disabled", "quota-enable-ok", "quota-enable-again",
  "quota-enabled-info", "quota-list-root-nolimit", "quota-list-all-nolimit", "quota-limit", "quota-limit-missing-path",
  "quota-limit-bad", "quota-limit-zero", "quota-list-root", "quota-limit-unit", "quota-list-root-3gb", "quota-hard-timeout",
  "quota-soft-timeout", "quota-set-timeouts", "quota-info-timeouts", "quota-missing-vol", "quota-missing-vol-list",
  "quota-stopped-enable", "quota-stopped-list", "quota-remove", "quota-remove-again", "quota-get", "quota-get-timeout", "quota-reset",
  "quota-set-directly", "quota-disable-noscript", "quota-disable", "quota-disable-again", "quota-disabled-info",
  "reset-force", "set-zero-args", "set-newline", "set-help-missing", "reset-noargs", "start-noargs", "stop-noargs", "stop-extra",
  "start-extra", "status-bad", "get-noargs", "get-user-set", "get-user", "get-hard", "get-own", "info-extra", "list-none", "timeout",
  "wignore", "create-transport", "create-transport-rdma", "create-twice-host", "create-rep-count", "create-disp-count",
  "create-disp-noforce", "create-sub", "create-remote-noparent",
  "server 3 down", "peer-down-pool", "peer-down-info", "peer-down-status", "peer-down-set", "peer-down-start", "peer-down-create",
  "peer-down-stop", "peer-down-delete", "peer-down-delete-dist",
  "volume quota dist enable", "volume quota dist limit-usage / 20971520", "volume set dist features.hard-timeout 0 features.soft-timeout 0",
  "three-status-quota", "quota-list-exceeded", "quota-list-all",
  "volume quota dist limit-usage / 5242880", "quota-list-over", "volume quota dist limit-usage / 1099511627776", "quota-list-tb",
  "volume quota dist limit-usage / 25000000", "quota-list-mb", "volume quota dist limit-usage / 45000000", "quota-list-some",
  "--mode=script volume stop dist", "volume start dist", "quota-list-after-restart", "brick dist 1 down", "brick-down-status",
  "brick-down-detail", "reset-two", "reset-key-force",
  "server 3 up", "volume create q1 127.77.1.1:/srv/gluster/b/q1 force", "volume start q1", `${q1} enable`, `${q1} limit-usage / 20971520`,
  "quota-list-soft", "quota-list-hard", `${q1} limit-usage / 5242880`, "quota-list-below", "quota-list-empty", "q1-status",
  `--mode=script ${q1} disable`, `${q1} enable`, "quota-list-reenabled", "--mode=script volume stop q1", "set-quota-on-stopped",
  "reset-all-quota", "reset-all-quota-info", "reset-all-force", "reset-all-force-info", 'volume set q1 auth.ssl-allow a"b',
  "start-quote", "start-quote-force", "start-quote-info", "volume set q1 auth.ssl-allow ab", "start-quote-repaired",
]; // biome-ignore format: a list of words
