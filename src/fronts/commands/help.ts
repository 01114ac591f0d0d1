// The help of every command as text, for the reference pages.
import { type Application, type CommandContext, generateHelpTextForAllCommands } from "@stricli/core";
import { application } from "./routes";

export function commandHelp(): readonly (readonly [command: string, text: string])[] {
  // No command is run for its help, so it does not matter what context they need.
  return generateHelpTextForAllCommands(application(false) as unknown as Application<CommandContext>);
}
