// sharewright completion: scripts that ask this program itself what may come next.
import { exitCodeOf, fault, renderError } from "../../core/errors";
import type { Context } from "./answer";

/** Hidden word by which the scripts ask: `sharewright __complete WORD...`, the last one being typed. */
export const completeWord = "__complete";

const scripts: Readonly<Record<string, string>> = {
  bash: `_sharewright() {
  local IFS=$'\\n'
  COMPREPLY=($(sharewright ${completeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _sharewright sharewright
`,
  zsh: `#compdef sharewright
_sharewright() {
  local -a found
  found=(\${(f)"$(sharewright ${completeWord} "\${(@)words[2,CURRENT]}" 2>/dev/null | sed -e 's/:/\\\\:/g' -e 's/\\t/:/')"})
  if (( \${#found} )); then _describe sharewright found; else _files; fi
}
compdef _sharewright sharewright
`,
  fish: `complete -c sharewright -a '(sharewright ${completeWord} (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

export default async function completion(this: Context, _flags: object, shell: string): Promise<void> {
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (script === undefined) {
    const error = fault("BAD_REQUEST", {
      summary: `there is no completion for "${shell}"`,
      fix: `write one of: ${Object.keys(scripts).join(", ")}`,
    });
    this.terminal.stderr(`${renderError(error)}\n`);
    this.process.exitCode = exitCodeOf(error);
    return;
  }
  this.terminal.stdout(script);
}
