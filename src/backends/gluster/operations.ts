// What can be done with shares, access rules and snapshots of GlusterFS: apply and destroy, as hooks ask for them.
export { applyRule, destroyRule } from "./access/apply";
export { previewRemoval, previewRule, previewSnapshot } from "./preview";
export { applyShare, previewShare } from "./share/apply";
export { destroyShare } from "./share/destroy";
export { purgeTrash, releasedElsewhere, releaseShare, restoreFromTrash } from "./share/release";
export { applySnapshot, destroySnapshot } from "./snapshot/apply";
