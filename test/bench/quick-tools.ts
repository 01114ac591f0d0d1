// Stand-ins of lfs, lctl and findmnt that cost next to nothing: shell scripts with just enough memory for shares to be created. The sandbox's own
// are Node programs of some 50 ms each, behind which the cost of a connection would not be seen.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { roles } from "../sshd/hosts";

const lfs = (state: string) => `#!/bin/sh
case $1 in
  getname) echo scratch ;;
  mdts) printf 'MDTS:\\n0: scratch-MDT0000_UUID ACTIVE\\n' ;;
  osts) printf 'OBDS:\\n0: scratch-OST0000_UUID ACTIVE\\n' ;;
  project)
    case $2 in
      -p) echo "$3" > "$5/.project" ;;
      *)
        if [ "$2" = -d ]; then shift 2; else set -- "$2"/*; fi
        for path; do
          [ -d "$path" ] || continue
          id=0 flag=-
          [ -e "$path/.project" ] && { read -r id < "$path/.project"; flag=P; }
          printf '%5d %s %s\\n' "$id" "$flag" "$path"
        done ;;
    esac ;;
  setquota) printf '%s\\n' "\${7%k}" > "${state}/$3" ;;
  quota)
    if [ "$2" = -a ]; then
      for file in "${state}"/*; do
        [ -e "$file" ] || continue
        read -r hard < "$file"
        printf '%s %s 4 0 %s - 1 0 0 -\\n' "$5" "\${file##*/}" "$hard"
      done
    else
      used='0 0' hard=0
      [ -e "${state}/$4" ] && { read -r hard < "${state}/$4"; used='4 1'; }
      printf '%s %s 0 %s - %s 0 0 -\\n' "$5" "\${used% *}" "$hard" "\${used#* }"
    fi ;;
  *) exit 1 ;;
esac
`;

const lctl = `#!/bin/sh
case $1-$2 in
  get_param-version) echo version=2.17.0 ;;
  get_param-osd*)
    for target in MDT0000 OST0000; do
      printf 'osd-ldiskfs.scratch-%s.quota_slave.enabled=ugp\\n' "$target"
      printf 'osd-ldiskfs.scratch-%s.quota_slave.root_prj_enable=1\\n' "$target"
    done ;;
  dl-) echo '  0 UP mgs MGS MGS 5' ;;
  *) exit 1 ;;
esac
`;

const findmnt = `#!/bin/sh
echo '10.0.0.1@tcp:/scratch lustre rw,flock'
`;

/** Puts them where the hosts of a sandbox have theirs; returns where their file system is mounted. */
export function makeQuickTools(dir: string): string {
  const [mount, state] = [join(dir, "mnt"), join(dir, "limits")];
  for (const folder of [mount, state]) mkdirSync(folder);
  for (const role of roles) {
    const bin = join(dir, "hosts", role, "bin");
    mkdirSync(bin, { recursive: true });
    for (const [name, text] of Object.entries({ lfs: lfs(state), lctl, findmnt })) {
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    }
  }
  return mount;
}
