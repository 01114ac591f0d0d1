// What the executor's entry asks the sandbox for; it lies in a bundle of its own.
export { sandboxCommand } from "./commands";
export { standIn } from "./stand-in";
