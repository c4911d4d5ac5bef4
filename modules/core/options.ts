// readOptions: reads a record of options, each once, and refuses what is none: a mistake in a name must not pass for a default.

/** Where each option belongs, for whoever gives it to something else. */
const HOMES: readonly (readonly [where: string, names: string])[] = [
  ["every executor", "maxWorkers name maxQueue interruptGrace onError"],
  [
    "pools of threads and processes",
    "initializer initializerArgs maxTasksPerWorker idleTimeout startTimeout heartbeat onWorkerDeath",
  ],
  ["ProcessPoolExecutor, and of ThreadPoolExecutor on Deno and Node", "memoryLimit"],
  ["ProcessPoolExecutor", "env cwd signals"],
  ["ProcessPoolExecutor on Deno", "permissions"],
  ["ThreadPoolExecutor in a browser", "createWorker"],
  ["tasks: task.with()", "timeout signal priority retries transfer"],
  ["map()", "chunkSize bufferSize ordered"],
  ["shutdown()", "wait cancelFutures"],
  ["cancel()", "interrupt reason"],
  ["wait()", "returnWhen"],
];

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
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const got = options === null ? "null" : Array.isArray(options) ? "a list" : typeof options;
    throw new TypeError(`Cannot ${action}: expected a record of options, got ${got}`);
  }
  const given = options as Record<string, unknown>;
  for (const name of Object.keys(given)) {
    if (!names.includes(name as never) && given[name] !== undefined)
      throw new TypeError(`Cannot ${action}: ${describeUnknown(name, names)}`);
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

function describeUnknown(name: string, names: readonly string[]): string {
  const home = HOMES.find(([, theirs]) => theirs.split(" ").includes(name))?.[0];
  if (home !== undefined) return `"${name}" is an option of ${home}`;
  const near = nearest(name, names);
  return near === undefined
    ? `unknown option "${name}"; there are ${names.join(", ")}`
    : `unknown option "${name}", did you mean "${near}"`;
}

function nearest(name: string, names: readonly string[]): string | undefined {
  const plain = plainOf(name);
  const [best] = names
    .map((other) => ({ other, distance: distanceOf(plain, plainOf(other)) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (best === undefined) return undefined;
  const most = Math.max(name.length, best.other.length) / WRONG_OF;
  if (best.distance <= most) return best.other;
  // "grace" for "interruptGrace".
  return names.find((other) => plain.length > WRONG_OF && plainOf(other).includes(plain));
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
