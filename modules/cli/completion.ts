// futures completion: scripts for bash, zsh and fish, made of the same tables as the help.

import type { CommandLine } from "./command_line.ts";
import { FLAGS, type Flag, VERBS } from "./flags.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";

const SCRIPTS: Record<string, () => string> = { bash, zsh, fish };

/** Prints one. */
export async function completion({ words }: CommandLine): Promise<number> {
  const [shell] = words;
  const script = shell === undefined ? undefined : SCRIPTS[shell];
  if (script === undefined)
    throw new UsageError(
      `Cannot complete for ${shell ?? "no shell"}: name one of ${Object.keys(SCRIPTS).join(", ")}`,
    );
  await print(script());
  return 0;
}

/** For bash: source <(futures completion bash) */
export function bash(): string {
  const values = FLAGS.filter(({ value }) => value !== undefined).map((flag) => {
    const names = `${flag.short === undefined ? "" : `-${flag.short}|`}--${flag.name}`;
    const words =
      flag.values === "files"
        ? 'compgen -f -- "$word"'
        : `compgen -W '${(flag.values ?? []).join(" ")}' -- "$word"`;
    return `    ${names}) COMPREPLY=($(${words})); return ;;`;
  });
  const verbs = VERBS.map(
    ({ name }) =>
      `    ${name}) flags='${flagsOf(name)
        .map((flag) => `--${flag.name}`)
        .join(" ")}' ;;`,
  );
  return `# futures: completion for bash
_futures() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} verb='' flags='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      -*) ;;
      *) verb=\${COMP_WORDS[at]}; break ;;
    esac
  done
  if [[ -z $verb ]]; then
    COMPREPLY=($(compgen -W '${VERBS.map(({ name }) => name).join(" ")}' -- "$word"))
    return
  fi
  case $before in
${values.join("\n")}
  esac
  case $verb in
${verbs.join("\n")}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ $verb == completion ]]; then COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word"))
  else COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _futures futures
`;
}

/** For zsh: futures completion zsh > "\${fpath[1]}/_futures" */
export function zsh(): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replace(/[[\]:]/g, "\\$&");
  const argument = (flag: Flag) => {
    const names = flag.short === undefined ? `'--${flag.name}` : `{-${flag.short},--${flag.name}}'`;
    const action =
      flag.values === "files"
        ? "_files"
        : flag.values === undefined
          ? " "
          : `(${flag.values.join(" ")})`;
    return `${names}[${quote(flag.text)}]${flag.value === undefined ? "" : `:${flag.value}:${action}`}'`;
  };
  const verbs = VERBS.map(
    ({ name }) =>
      `      ${name}) _arguments ${flagsOf(name).map(argument).join(" ")} '*:file:${name === "completion" ? "(bash zsh fish)" : "_files"}' ;;`,
  );
  return `#compdef futures
_futures() {
  local -a verbs=(${VERBS.map(({ name, text }) => `'${name}:${quote(text)}'`).join(" ")})
  if (( CURRENT == 2 )); then _describe verb verbs; return; fi
  local verb=\${words[2]}
  shift words; (( CURRENT-- ))
  case $verb in
${verbs.join("\n")}
  esac
}
if [ "\${funcstack[1]}" = _futures ]; then _futures "$@"; else compdef _futures futures; fi
`;
}

/** For fish: futures completion fish | source */
export function fish(): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const flags = FLAGS.map((flag) => {
    const words = [
      "complete -c futures",
      `-n '__fish_seen_subcommand_from ${flag.verbs.join(" ")}'`,
      `-l ${flag.name}`,
    ];
    if (flag.short !== undefined) words.push(`-s ${flag.short}`);
    if (flag.value !== undefined)
      words.push(
        flag.values === "files"
          ? "-r -F"
          : `-x${flag.values === undefined ? "" : ` -a ${quote(flag.values.join(" "))}`}`,
      );
    return [...words, `-d ${quote(flag.text)}`].join(" ");
  });
  return `# futures: completion for fish
${VERBS.map(({ name, text }) => `complete -c futures -n __fish_use_subcommand -f -a ${name} -d ${quote(text)}`).join("\n")}
complete -c futures -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'
${flags.join("\n")}
`;
}

function flagsOf(verb: (typeof VERBS)[number]["name"]): readonly Flag[] {
  return FLAGS.filter(({ verbs }) => verbs.includes(verb));
}
