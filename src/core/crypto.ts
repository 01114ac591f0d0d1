// node:crypto, when it is used: loading it costs a hook as much as all code of its own, and most hooks need none of it.
export function crypto(): typeof import("node:crypto") {
  return require("node:crypto");
}
