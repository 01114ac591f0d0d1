// The usage texts of lfs, word for word (golden a038 to a041, b044, b086, m216-026).

export const usage = {
  project: `Change or list project attribute for specified file or directory.
usage: project [-d|--directory] [-r|--recursive] FILE|DIRECTORY...
         list project ID and flags on file(s) or directories
       project [-p|--proj-inherit|--inherit ID] [-s|--set-inherit]
                       [-d|--directory] [-r|--recursive] FILE|DIRECTORY...
         set project ID and/or inherit flag for specified file(s) or directories
       project -c|--check [-p|--proj-inherit|--inherit ID]
               [-0|--print0] [-d|--directory] [-r|--recursive]
               FILE|DIRECTORY...
         check project ID and flags on file(s) or directories, print outliers
       project -C|--clear [-k|--keep] [-d|--directory]
               [-r|--recursive] FILE|DIRECTORY...
         clear the project inherit flag and ID on the file or directory

`,
  quota: `Display disk usage and limits.
usage: quota [-q] [-v] [-h] [-o OBD_UUID|-o OST_IDX|-m MDT_IDX]
             [{-u|-g|-p} UNAME|UID|GNAME|GID|PROJID]
             [--blocks|--busage|--space]
             [--block-softlimit|--bsoftlimit]
             [--block-hardlimit|--bhardlimit]
             [--block-grace|--bgrace|--btime]
             [--delimiter DELIMITER]
             [--filesystem|--mount-point]
             [--inodes|--iusage]
             [--inode-softlimit|--isoftlimit]
             [--inode-hardlimit|--ihardlimit]
             [--inode-grace|--igrace|--itime]
             [--pool OST_POOL_NAME]
             [MOUNT_POINT ...]
       quota -t {-u|-g|-p} [--pool OST_POOL_NAME] [MOUNT_POINT ...]
       quota [-hqv] {-U|-G|-P} [--pool OST_POOL_NAME] [MOUNT_POINT ...]
       quota -a {-u|-g|-p} [-n] [-s START_QID] [-e END_QID] [MOUNT_POINT ...]

`,
  setquota: `Set filesystem quotas.
usage: setquota [-t] {-u|-U|-g|-G|-p|-P ID} {-b|-B|-i|-I LIMIT}
                [--pool POOL] MOUNT_POINT
       setquota {-u|-g|-p ID} {--default|--delete} MOUNT_POINT

`,
  setstripe: `Create a file with specified striping/composite layout, or
set the default layout on an existing directory.
Usage: setstripe   [--component-add|--component-del|--delete|-d]
		[--comp-set --comp-id|-I COMP_ID|--comp-flags=COMP_FLAGS]
		[--component-end|-E END_OFFSET]
		[--copy=SOURCE_LAYOUT_FILE]|--yaml|-y YAML_TEMPLATE_FILE]
		[--extension-size|--ext-size|-z EXT_SIZE]
		[--help|-h]
		[--foreign=FOREIGN_TYPE --xattr|-x LAYOUT]
		[--layout|-L PATTERN] [--mode FILE_MODE]
		[--mirror-count|-N[MIRROR_COUNT]]
		[--ost|-o OST_INDEX[,OST_INDEX,...]]
		[--overstripe-count|-C STRIPE_COUNT]
		[--pool|-p POOL_NAME]
		[--stripe-count|-c STRIPE_COUNT]
		[--stripe-index|-i START_OST_IDX]
		[--stripe-size|-S STRIPE_SIZE]
		FILENAME|DIRECTORY

`,
} as const;

/** 2.16.1 differs for `project` alone, as far as it was measured. */
export const projectUsage216 = `Change or list project attribute for specified file or directory.
usage: project [-d|-r] <file|directory...>
         list project ID and flags on file(s) or directories
       project [-p id] [-s] [-r] <file|directory...>
         set project ID and/or inherit flag for specified file(s) or directories
       project -c [-d|-r [-p id] [-0]] <file|directory...>
         check project ID and flags on file(s) or directories, print outliers
       project -C [-d|-r] [-k] <file|directory...>
         clear the project inherit flag and ID on the file or directory

`;
