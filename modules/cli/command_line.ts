// Reads the command line by the table of flags, with `parseArgs` of node:util, and says what is wrong with it.

import { parseArgs } from "node:util";
import { FLAGS, type Flag, VERBS, type Verb } from "./flags.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage_error.ts";

/** What the user asked for. */
export interface CommandLine {
  readonly verb: Verb;
  /** Switches are true, others have their value. */
  readonly flags: Readonly<Record<string, string | true>>;
  /** What stands behind the verb and is no flag: a function, a command, a shell. */
  readonly words: readonly string[];
  /** What stands behind `:::`; undefined if that is not there. */
  readonly items: readonly string[] | undefined;
}

/**
 * Reads the words of a command line.
 *
 * @throws {UsageError} For a verb or flag that there is not; it names the nearest.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const end = args.indexOf(":::");
  const items = end < 0 ? undefined : args.slice(end + 1);
  if (items?.includes(":::"))
    throw new UsageError("Cannot read arguments: ::: stands there twice; give one list");
  const { before, name, after } = splitAtVerb(end < 0 ? args : args.slice(0, end));
  const flags: Record<string, string | true> = {};
  const words: string[] = [];
  // Flags that stand before the verb may be those of any.
  readFlags(before, undefined, flags, words);
  if (name === undefined) {
    if (flags.help || flags.version) return { verb: "help", flags, words, items };
    throw new UsageError(
      "Cannot do anything: name a verb, such as map or run; futures help explains them",
    );
  }
  const verb = verbNamed(name);
  const split = verb === "run" ? splitAtCommand(after) : { own: after, command: [] };
  readFlags(split.own, verb, flags, words);
  words.push(...split.command);
  for (const flag of Object.keys(flags)) assertOf(verb, flag);
  assertWords(verb, words, items);
  return { verb, flags, words, items };
}

/** The first word that is neither a flag nor a flag's value is the verb. */
function splitAtVerb(args: readonly string[]) {
  let at = 0;
  while (at < args.length && (args[at] as string).startsWith("-"))
    at += takesNext(args[at] as string) ? 2 : 1;
  return { before: args.slice(0, at), name: args[at], after: args.slice(at + 1) };
}

/**
 * A command that is one quoted word may have flags of ours behind it; one of several words has them for itself, as GNU
 * parallel has it: `futures run gzip -9 ::: *.log`.
 */
function splitAtCommand(args: readonly string[]) {
  let at = 0;
  while (at < args.length && (args[at] as string).startsWith("-") && args[at] !== "--")
    at += takesNext(args[at] as string) ? 2 : 1;
  if (args[at] === "--") return { own: args.slice(0, at), command: args.slice(at + 1) };
  const isQuoted = /[\s{]/.test(args[at] ?? "");
  if (!isQuoted) return { own: args.slice(0, at), command: args.slice(at) };
  return { own: [...args.slice(0, at), ...args.slice(at + 1)], command: args.slice(at, at + 1) };
}

/** Whether the next word is the value of this flag. */
function takesNext(word: string): boolean {
  const long = /^--([^=]+)$/.exec(word)?.[1];
  if (long !== undefined) return flagNamed(long)?.value !== undefined;
  const last = /^-[^-]*$/.test(word) && word.length === 2 ? word[1] : undefined;
  return FLAGS.some(
    ({ short, value }) => short !== undefined && short === last && value !== undefined,
  );
}

function readFlags(
  args: readonly string[],
  verb: Verb | undefined,
  flags: Record<string, string | true>,
  words: string[],
): void {
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flagNamed(token.name);
    if (flag === undefined) throw new UsageError(unknownFlag(token.name, token.rawName, verb));
    if (flag.value === undefined && token.value !== undefined)
      throw new UsageError(`Cannot use --${flag.name}: it takes no value`);
    if (flag.value !== undefined && token.value === undefined)
      throw new UsageError(`Cannot use --${flag.name}: its ${flag.value} is missing`);
    flags[flag.name] = token.value ?? true;
  }
}

const OPTIONS = Object.fromEntries(
  FLAGS.map(({ name, short, value }) => [
    name,
    {
      type: value === undefined ? ("boolean" as const) : ("string" as const),
      ...(short && { short }),
    },
  ]),
);

function flagNamed(name: string): Flag | undefined {
  return FLAGS.find((flag) => flag.name === name);
}

function unknownFlag(name: string, raw: string, verb: Verb | undefined): string {
  const known = FLAGS.filter(({ verbs }) => verb === undefined || verbs.includes(verb));
  const meant = nearest(
    name,
    known.map((flag) => flag.name),
  );
  const hint =
    meant === undefined
      ? `${["futures help", verb].join(" ").trim()} lists the flags`
      : `did you mean --${meant}?`;
  return `Cannot use ${raw}: there is no such flag; ${hint}`;
}

function verbNamed(name: string): Verb {
  const found = VERBS.find((verb) => verb.name === name);
  if (found !== undefined) return found.name;
  const meant = nearest(
    name,
    VERBS.map((verb) => verb.name),
  );
  const hint = meant === undefined ? "futures help lists them" : `did you mean ${meant}?`;
  throw new UsageError(`Cannot do "${name}": there is no such verb; ${hint}`);
}

function assertWords(
  verb: Verb,
  words: readonly string[],
  items: readonly string[] | undefined,
): void {
  const takesItems = verb === "map" || verb === "run";
  const most = VERBS.find(({ name }) => name === verb)?.words ?? 0;
  const extra = words[most] ?? (takesItems ? undefined : items && ":::");
  if (extra === undefined) return;
  const hint = verb === "map" ? "arguments stand behind :::" : `see futures help ${verb}`;
  throw new UsageError(`Cannot ${verb}: what is "${extra}"? ${hint}`);
}

function assertOf(verb: Verb, name: string): void {
  const flag = flagNamed(name) as Flag;
  if (flag.verbs.includes(verb)) return;
  throw new UsageError(
    `Cannot use --${name} with ${verb}: it belongs to ${flag.verbs.map((other) => `futures ${other}`).join(" and ")}`,
  );
}
