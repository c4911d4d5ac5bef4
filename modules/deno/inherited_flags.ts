// Finds the flags of this program's own command line that decide which module is meant: its worker processes get them, as
// its threads do by themselves.
//
// What cannot be known (command_line.ts) is guessed: the configuration is most likely what lies nearest to the main module
// (docs/decisions/0036-flags-of-workers.md).

import { isThere } from "../workers/allowed.ts";
import { WORKER_MARK } from "../workers/worker_mark.ts";
import { wordsBeforeArguments } from "./command_line.ts";

/** Flags whose value is a path, from the working directory. */
const PATHS = [
  "--config",
  "--import-map",
  "--preload",
  "--import",
  "--require",
  "--cert",
  "--lock",
];

/** Flags whose value may stand behind them. */
const VALUED = [...PATHS, "--conditions", "--node-modules-linker", "--location", "--min-dep-age"];

/** Flags that stand alone, or have their value behind "=". */
const ALONE =
  /^--(no-config|no-lock|no-remote|no-npm|cached-only|vendor|node-modules-dir|frozen|frozen-lockfile|unsafely-ignore-certificate-errors|use-env-proxy|no-code-cache|v8-flags|unstable(-[\w-]+)?)(=|$)/;

/** The short form of `--config`, by itself or behind other letters: `-Ac deno.json`. */
const SHORT_CONFIG = /^-[A-Za-z]*?c(=?)(.*)$/;

let inherited: readonly string[] | undefined;

/** The flags, found once. */
export function inheritedFlags(): readonly string[] {
  inherited ??= find();
  return inherited;
}

function find(): readonly string[] {
  // A worker of ours was told, behind its mark: it has neither a command line like its program's nor a folder of its own.
  const [mark, , told] = Deno.args;
  if (mark === WORKER_MARK && told !== undefined) return JSON.parse(told);
  const own = wordsBeforeArguments();
  const flags = flagsIn(own);
  const decided = /^--(no-)?config(=|$)|^--node-modules-dir/;
  return flags.some((flag) => decided.test(flag))
    ? flags
    : [...flags, ...nearestConfig(mainFolder(own.at(-1)))];
}

/**
 * Finds those that workers inherit; none that gives a debugger or a file to one process only.
 *
 * @param words what stands between the name of Deno and the arguments of the program.
 */
export function flagsIn(words: readonly string[]): string[] {
  const flags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (ALONE.test(word)) flags.push(word);
    const [, equals, attached] = SHORT_CONFIG.exec(word) ?? [];
    const [name = "", ...rest] = attached === undefined ? word.split("=") : ["--config"];
    if (!VALUED.includes(name)) continue;
    const isAttached =
      attached === undefined ? word.includes("=") : equals !== "" || attached !== "";
    const value = isAttached ? (attached ?? rest.join("=")) : words[at + 1];
    // That of `--lock` may be left out; the last word is the main module.
    const isLeftOut =
      value === undefined ||
      (!isAttached && name === "--lock" && (value.startsWith("-") || at + 2 >= words.length));
    if (isLeftOut) {
      flags.push(name);
      continue;
    }
    flags.push(`${name}=${PATHS.includes(name) ? absolute(value) : value}`);
    if (!isAttached) at++;
  }
  return flags;
}

/** A worker may have another working directory. What is an address stays one. */
function absolute(value: string): string {
  if (/^[a-z][\w+.-]+:/i.test(value)) return value;
  try {
    return process.getBuiltinModule("node:path").resolve(value);
  } catch {
    // The working directory is gone.
    return value;
  }
}

/** Where the main module lies, if it is a file: a thread is not told which it is, and finds it on the command line. */
function mainFolder(script: string | undefined): string | undefined {
  const { dirname, resolve } = process.getBuiltinModule("node:path");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const main: string | undefined = Deno.mainModule;
  if (main !== undefined)
    return main.startsWith("file:") ? dirname(fileURLToPath(main)) : undefined;
  if (script?.startsWith("file:")) return dirname(fileURLToPath(script));
  try {
    const path = resolve(script ?? "");
    return script !== undefined && isThere(path) === true ? dirname(path) : resolve(".");
  } catch {
    return undefined;
  }
}

/** How names of packages are found. Deno looks for it by itself only from a main module that is a file. */
function nearestConfig(from: string | undefined): string[] {
  const { dirname, join } = process.getBuiltinModule("node:path");
  for (let folder = from; folder !== undefined; folder = dirname(folder)) {
    const isIn = (name: string) => isThere(join(folder as string, name)) === true;
    const config = ["deno.json", "deno.jsonc"].find(isIn);
    if (config !== undefined) return [`--config=${join(folder, config)}`];
    if (isIn("package.json")) return ["--node-modules-dir=manual"];
    if (folder === dirname(folder)) break;
  }
  return [];
}
