// What worker processes of Node and Bun get of the way this program was started, as its threads do by themselves: the flags
// that decide which module is meant and how it is read, and an environment without a debugger.
//
// A debugger is for one process: two cannot have its address, and one that waits for it waits for ever
// (docs/decisions/0036-flags-of-workers.md).

/** Flags whose next word is a program, whatever it looks like. */
const PROGRAMS = ["-e", "--eval", "-p", "--print", "-pe"];

/** Flags whose value is a module, or a file; one that begins with a point is seen from the working directory. */
const FILES =
  /^(-r|-c|--require|--import|--preload|--loader|--experimental-loader|--config|--tsconfig-override)$/;

/**
 * Chooses from the flags that this program was started with.
 *
 * @param flags `process.execArgv`.
 * @param isPassedOn whether a flag is, by its name.
 * @param from the working directory, where the worker has another.
 */
export function passedOn(
  flags: readonly string[],
  isPassedOn: (name: string) => boolean,
  from?: string,
): string[] {
  const passed: string[] = [];
  for (let at = 0; at < flags.length; ) {
    const [name, attached] = parts(flags[at] as string);
    let end = at + (PROGRAMS.includes(name) && attached === undefined ? 2 : 1);
    // Words that are no flags are values of the one before.
    while (end < flags.length && !flags[end]?.startsWith("-")) end++;
    const [, ...values] = flags.slice(at, end);
    at = end;
    if (!isPassedOn(name.replaceAll("_", "-"))) continue;
    const seen = (value: string) => (FILES.test(name) ? absolute(value, from) : value);
    passed.push(attached === undefined ? name : `${name}=${seen(attached)}`, ...values.map(seen));
  }
  return passed;
}

/** Variables that hold flags. */
const OPTIONS = ["NODE_OPTIONS", "BUN_OPTIONS"];

/** Variables that have a debugger attached. */
const DEBUGGERS = ["BUN_INSPECT", "BUN_INSPECT_CONNECT_TO", "BUN_INSPECT_NOTIFY"];

const DEBUGGER_FLAGS =
  /(^|\s)"?--(((inspect-port|debug-port|inspect-publish-uid)(=|\s+)[^\s"]+)|inspect[\w-]*(=[^\s"]*)?)"?(?=\s|$)/g;

const RELATIVE_FILES =
  /(^|\s)(-r|--require|--import|--loader|--experimental-loader|--preload)(=|\s+)(?:"(\.\.?\/[^"]*)"|(\.\.?\/[^\s"]*))/g;

/**
 * The environment of a worker: this program's, and what its pool's `env` says.
 *
 * @param from the working directory, where the worker has another.
 * @returns undefined where it is just this program's.
 */
export function workerEnv(
  env: Record<string, string | undefined> | undefined,
  from: string | undefined,
): Record<string, string | undefined> | undefined {
  const changes: Record<string, string | undefined> = {};
  for (const name of DEBUGGERS) if (process.env[name] !== undefined) changes[name] = undefined;
  for (const name of OPTIONS) {
    const flags = process.env[name];
    const passed = flags
      ?.replaceAll(DEBUGGER_FLAGS, "$1")
      .replaceAll(RELATIVE_FILES, (_, before, flag, is, quoted, plain) => {
        const path = absolute(quoted ?? plain, from);
        return `${before}${flag}${is}${path.includes(" ") ? `"${path}"` : path}`;
      });
    if (passed !== flags) changes[name] = passed;
  }
  if (env === undefined && Object.keys(changes).length === 0) return undefined;
  return { ...process.env, ...changes, ...env };
}

/** The working directory; undefined where it has been removed. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

function parts(flag: string): [name: string, attached: string | undefined] {
  const at = flag.indexOf("=");
  return at === -1 ? [flag, undefined] : [flag.slice(0, at), flag.slice(at + 1)];
}

/** As a path, or as an address where it needs to be one: what is imported on Windows does. */
function absolute(file: string, from: string | undefined): string {
  if (from === undefined || !/^\.\.?[\\/]/.test(file)) return file;
  return process.getBuiltinModule("node:path").resolve(from, file);
}
