// What can be done with shares, access rules and snapshots of GlusterFS: apply and destroy, as hooks ask for them.
export { applyRule, destroyRule } from "./access";
export { previewRemoval, previewRule, previewSnapshot } from "./preview";
export { purgeTrash, releasedElsewhere, releaseShare, restoreFromTrash } from "./set-aside";
export { applyShare, previewShare } from "./share-apply";
export { destroyShare } from "./share-destroy";
export { applySnapshot, destroySnapshot } from "./snapshots";
