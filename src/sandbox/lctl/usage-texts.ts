// The usage texts of the nodemap commands of lctl 2.17.0, word for word (golden d010 to d208), and of 2.16.1 (m216lctl-020;
// the others from sources).

const modify = `modify a nodemap property
usage: nodemap_modify --name NODEMAP_NAME --property PROPERTY_NAME{=VALUE| --value VALUE}
valid properties: admin trusted map_mode squash_uid squash_gid squash_projid deny_unknown audit_mode forbid_encryption readonly_mount rbac deny_mount child_raise_privileges
`;

export const usage: Readonly<Record<string, string>> = {
  nodemap_activate: "activate nodemap idmapping functions\nusage: nodemap_activate {0|1}\n",
  nodemap_add_idmap:
    "add a UID or GID mapping to a nodemap\nusage: nodemap_add_idmap --name NODEMAP_NAME --idtype {uid|gid|projid} --idmap CLIENTID:FSID\n",
  nodemap_add_offset:
    "add an offset for UID/GID/PROJID mappings\nusage: nodemap_add_offset --name NODEMAP_NAME --offset OFFSET --limit LIMIT\n\n",
  nodemap_add: "create a new nodemap\nusage: nodemap_add [-d|--dynamic] [-p|--parent PARENT_NAME] --name NODEMAP_NAME\n",
  nodemap_add_range: "add a nid range to a nodemap\nusage: nodemap_add_range --name NODEMAP_NAME --range NID_RANGE\n",
  nodemap_banlist_add: "add a banned nid range to a nodemap\nusage: nodemap_banlist_add --name NODEMAP_NAME --range NID_RANGE\n",
  nodemap_banlist_del:
    "delete a banned nid range from a nodemap\nusage: nodemap_banlist_del --name NODEMAP_NAME --range NID_RANGE\n",
  nodemap_del: "remove a nodemap\nusage: nodemap_del --name NODEMAP_NAME\n",
  nodemap_del_idmap:
    "delete a UID or GID mapping from a nodemap\nusage: nodemap_del_idmap --name NODEMAP_NAME --idtype {uid|gid|projid} --idmap CLIENTID:FSID\n",
  nodemap_del_offset: "delete an offset for UID/GID/PROJID mappings\nusage: nodemap_del_offset --name NODEMAP_NAME\n\n",
  nodemap_del_range: "delete a nid range from a nodemap\nusage: nodemap_del_range --name NODEMAP_NAME --range NID_RANGE\n",
  nodemap_fileset_add:
    "add a fileset to a nodemap\nusage: nodemap_fileset_add [--alt] [--ro] --name NODEMAP_NAME --fileset SUBDIRECTORY\n",
  nodemap_fileset_del:
    "delete filesets from a nodemap\nusage: nodemap_fileset_del --name NODEMAP_NAME [--all] [--fileset SUBDIRECTORY]\n",
  nodemap_fileset_modify:
    "modify a fileset in a nodemap\nusage: nodemap_fileset_modifiy --name NODEMAP_NAME --fileset SUBDIRECTORY [--rename SUBDIRECTORY] [--ro|--rw] [--alt|--primary]\n",
  nodemap_modify: modify,
  nodemap_set_cap:
    "defines capabilities for regular users on a nodemap\nusage: nodemap_set_cap --name NODEMAP_NAME --caps CAPABILITIES --type {mask|set|off}\n",
  nodemap_set_fileset:
    "** deprecated ** set a fileset on a nodemap -- please use nodemap_fileset_{add/del} instead\nusage: nodemap_set_fileset --name NODEMAP_NAME --fileset SUBDIRECTORY\n",
  nodemap_test_id: "test a nodemap id pair for mapping\nUsage: nodemap_test_id --nid NID --idtype ID_TYPE --id ID\n",
};

export const usage216: Readonly<Record<string, string>> = {
  nodemap_activate: "usage: nodemap_activate {0|1}\n",
  nodemap_add: "usage: nodemap_add <nodemap_name>\n",
  nodemap_add_range: "usage: nodemap_add_range --name <name> --range <range>\n",
  nodemap_del: "usage: nodemap_del <nodemap_name>\n",
  nodemap_del_range: "usage: nodemap_del_range --name <name> --range <range>\n",
  nodemap_modify: "usage: nodemap_modify --name <nodemap_name> --property <property_name> --value <value>\n",
  nodemap_set_fileset: "usage: nodemap_set_fileset --name <nodemap_name> --fileset <subdirectory>\n",
};
