// readOptions: reads a record of options, each once, and refuses what is none: a mistake in a name must not pass for a default.

import { withCode } from "./errors.ts";

/** Where each option belongs, for whoever gives it to something else. */
const HOMES: readonly (readonly [where: string, names: string])[] = [
  [
    "every executor",
    "maxWorkers name perKey rate maxQueue interruptGrace onError captureConsole debug",
  ],
  [
    "pools of threads and processes",
    "initializer initializerArgs finalizer minWorkers maxTasksPerWorker idleTimeout startTimeout heartbeat onWorkerDeath",
  ],
  ["ProcessPoolExecutor, and of ThreadPoolExecutor on Deno and Node", "memoryLimit"],
  ["ThreadPoolExecutor on Node", "resourceLimits"],
  ["executors of threads and processes, but in a page", "env"],
  ["ThreadPoolExecutor, but in a page", "args"],
  ["executors on Node, and of ProcessPoolExecutor on Bun", "execArgv"],
  ["ProcessPoolExecutor", "cwd signals inspect"],
  ["ProcessPoolExecutor on Deno", "permissions"],
  ["ThreadPoolExecutor in a browser", "createWorker"],
  [
    "tasks: task.with()",
    "timeout signal priority retries delay ttl key transfer buffer itemTimeout affinity remember",
  ],
  ["map()", "chunkSize bufferSize ordered entries"],
  ["shutdown()", "wait cancelFutures"],
  ["cancel()", "interrupt reason"],
  ["wait()", "returnWhen"],
  ["TaskGroup", "deadline onDeadline onFailure maxRunning keepResults"],
  ["memoize()", "maxAge maxSize"],
  ["Channel", "capacity"],
  ["the retries of tasks: task.with({ retries })", "limit on factor maxDelay jitter"],
  ["perKey", "maxRunning"],
  ["rate", "limit per burst"],
];

/** What `Object.prototype.toString` calls what may have options. */
const RECORDS: ReadonlySet<string> = new Set(["Object", "Module"]);

/** A name is near if so much of it is right: one letter in three may be wrong. */
const WRONG_OF = 3;

/**
 * Reads options.
 *
 * Each is read once, for it may be a getter, and in a fixed order. One with the value undefined is as if absent.
 *
 * @param options As the user gave them; undefined is none.
 * @param names All that there are.
 * @param action What was to be done, for the error: `"create ThreadPoolExecutor"`.
 * @returns A record of those that are given.
 * @throws {TypeError} For what is no record, and for an option that there is not.
 */
export function readOptions<O extends object>(
  options: O | undefined,
  names: readonly (keyof O & string)[],
  action: string,
): O {
  const read: Record<string, unknown> = {};
  if (options === undefined) return read as O;
  const got = whatElse(options);
  if (got !== undefined)
    throw new TypeError(`Cannot ${action}: expected a record of options, got ${got}`);
  const given = options as Record<string, unknown>;
  for (const name of Object.keys(given)) {
    if (names.includes(name as never) || given[name] === undefined) continue;
    const error = new TypeError(`Cannot ${action}: ${describeUnknown(name, names)}`);
    throw withCode(error, "CF_UNKNOWN_OPTION");
  }
  for (const name of names) {
    const value = given[name];
    if (value !== undefined) read[name] = value;
  }
  return read as O;
}

/** Those of the options that have one of these names: what a class hands on to the one it extends. */
export function pickOptions<O extends object>(read: O, names: readonly (keyof O & string)[]): O {
  const given = Object.entries(read).filter(([name]) => names.includes(name as never));
  return Object.fromEntries(given) as O;
}

/**
 * What it is that is no record. A signal or a future in the place of options has none of them, and would pass for none; an
 * object of a class may have getters for them, and a module may export them.
 */
function whatElse(options: unknown): string | undefined {
  if (options === null) return "null";
  if (typeof options !== "object") return typeof options;
  if (Array.isArray(options)) return "a list";
  const kind = Object.prototype.toString.call(options).slice("[object ".length, -1);
  return RECORDS.has(kind) ? undefined : kind;
}

function describeUnknown(name: string, names: readonly string[]): string {
  const home = homeOf(name);
  if (home !== undefined) return `"${name}" is an option of ${home}`;
  const near = nearest(name, names);
  if (near !== undefined) return `unknown option "${name}", did you mean "${near}"`;
  const far = nearest(
    name,
    HOMES.flatMap(([, theirs]) => theirs.split(" ")),
  );
  if (far !== undefined)
    return `unknown option "${name}", did you mean "${far}", which is an option of ${homeOf(far)}`;
  return `unknown option "${name}"; there are ${names.join(", ")}`;
}

function homeOf(name: string): string | undefined {
  return HOMES.find(([, theirs]) => theirs.split(" ").includes(name))?.[0];
}

function nearest(name: string, names: readonly string[]): string | undefined {
  const plain = plainOf(name);
  const [best] = names
    .map((other) => ({ other, distance: distanceOf(plain, plainOf(other)) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  const most = Math.max(name.length, best.other.length) / WRONG_OF;
  if (best.distance <= most) return best.other;
  // "grace" for "interruptGrace", "initargs" for "initializerArgs", "thread_name_prefix" for "name".
  if (plain.length <= WRONG_OF) return undefined;
  return names.find((other) => {
    const theirs = plainOf(other);
    return theirs.includes(plain) || plain.includes(theirs) || abbreviates(plain, theirs);
  });
}

/** Whether a name is another one with less than half of its letters left out, the first not among them. */
function abbreviates(name: string, other: string): boolean {
  if (name[0] !== other[0]) return false;
  let at = 0;
  for (const letter of other) if (letter === name[at]) at++;
  return at === name.length && 2 * name.length > other.length;
}

/** As Python writes it, or as it is written here. */
function plainOf(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

/** How many letters have to be put in, left out or changed (Levenshtein's distance). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...b].entries()) {
      const changed = (row[at] as number) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] as number) + 1, (next[at] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
