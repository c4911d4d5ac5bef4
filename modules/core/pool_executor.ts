// PoolExecutor: a Pool over workers that a backend's `Spawn` starts. What every backend's executor is.

import { withCode } from "./errors.ts";
import type { PoolOptions } from "./executor.ts";
import { Pool, type PoolKind } from "./pool.ts";
import { SpawnedWorkers } from "./scheduling/spawned_workers.ts";
import type { Spawn } from "./seam/channel.ts";
import type { WireInitializer } from "./seam/messages.ts";
import { cannotCross, Packer } from "./seam/pack.ts";
import type { Link } from "./seam/packed.ts";
import { isTask } from "./task.ts";

/** What differs between kinds of executors, beside their workers. */
export interface PoolTraits {
  /** Values pass by reference, and plain functions are tasks. Default: false. */
  readonly byReference?: boolean;
  /** Whether workers are started one at a time until they have shown what they are. Default: false. */
  readonly startsOneByOne?: boolean;
  /** Bytes a worker may have, as its channel tells (`inspect`): see `memoryLimit`. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  /** Lets debuggers into the workers; "brk" has each wait for one first. Default: none. */
  readonly inspect?: true | "brk" | undefined;
  /** Workers are processes: memory, files and keys are not common to both. Default: false. */
  readonly isProcess?: boolean;
}

/**
 * Runs tasks on workers that `spawn` starts: the executor to build a backend on.
 *
 * Users take a backend's own class, such as `ThreadPoolExecutor` or `ProcessPoolExecutor`. Workers start when there is
 * work for them, idle ones are taken first, and there are never more than `maxWorkers`.
 *
 * @example A backend is a function
 * ```ts
 * import assert from "node:assert/strict";
 * import { PoolExecutor, type Spawn, UnsupportedRuntimeError } from "@concurrent/futures";
 *
 * const spawn: Spawn = () => {
 *   throw new UnsupportedRuntimeError("Cannot start worker: nothing to run it on");
 * };
 * await using pool = new PoolExecutor(spawn, { maxWorkers: 2, name: "demo" });
 * assert(pool.stats().workers === 0);
 * ```
 */
export class PoolExecutor extends Pool {
  /**
   * Creates an executor; no worker is started yet.
   *
   * @throws {TypeError} For an option of the wrong type.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(spawn: Spawn, options: PoolOptions = {}, traits: PoolTraits = {}) {
    super(kindOf(spawn, traits), options);
  }

  /** What `instanceof PoolExecutor` says: an `EventLoopExecutor` is one for its users, though it has no channels. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses have this method, too
    if (this === PoolExecutor) return value instanceof Pool;
    // biome-ignore lint/complexity/noThisInStatic: subclasses have this method, too
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

function kindOf(spawn: Spawn, traits: PoolTraits): PoolKind {
  const { isProcess = false, startsOneByOne = false, byReference = false } = traits;
  return {
    ...traits,
    byReference,
    startsOneByOne,
    staff: (options, limits) =>
      new SpawnedWorkers(spawn, limits, initializer(options, { isProcess })),
  };
}

/** What each worker is sent first, as it is now; whether it can cross is known now, too. */
function initializer(
  { initializer: task, initializerArgs = [] }: PoolOptions,
  link: Link,
): WireInitializer | undefined {
  if (!Array.isArray(initializerArgs))
    throw new TypeError("Cannot use initializerArgs: expected a list");
  if (task === undefined) return undefined;
  if (!isTask(task)) {
    const what =
      "Cannot use initializer: expected a task; name it by importTasks or task(import.meta.url, …)";
    throw withCode(new TypeError(what), "CF_NOT_A_TASK");
  }
  const packer = new Packer({ ...link, takesHandles: true });
  const list = packer.pack(initializerArgs, (index, path, what) => {
    const found = `Cannot use initializerArgs: [${index}]${path} is ${what}`;
    return cannotCross(found, link);
  });
  const { module, export: name } = task.source;
  return { module, export: name, ...structuredClone({ args: list, parts: packer.parts }) };
}
