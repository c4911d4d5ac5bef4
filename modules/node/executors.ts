// ThreadPoolExecutor and ProcessPoolExecutor on Node. All they are made of is shared with Deno (../workers).

import { CloningExecutor } from "../core/cloning_executor.ts";
import { UnsupportedRuntimeError } from "../core/errors.ts";
import { POOL_OPTIONS } from "../core/executor.ts";
import { pickOptions, readOptions } from "../core/options.ts";
import type { Spawn } from "../core/seam/channel.ts";
import { assertRuntime } from "../workers/assert_runtime.ts";
import { closePoolsAtExit, restPoolsBeforeExit } from "../workers/close_pools_at_exit.ts";
import { passedOn, workerEnv, workingDirectory } from "../workers/passed_on.ts";
import { signalWords } from "../workers/processes/group_signals.ts";
import { killedWithUs } from "../workers/processes/killed_with_us.ts";
import { linkProcess } from "../workers/processes/link_process.ts";
import {
  FLAGGED_PROCESS_OPTIONS,
  type FlaggedProcessOptions,
  processTraits,
  readProcessOptions,
} from "../workers/processes/process_options.ts";
import { type OwnProgram, spawnWorkerThread } from "../workers/threads/spawn_worker_thread.ts";
import {
  FLAGGED_THREAD_OPTIONS,
  type FlaggedThreadOptions,
  threadMemory,
  threadStart,
} from "../workers/threads/thread_options.ts";
import { isOwnWorker, workerEntry } from "../workers/worker_entry.ts";
import { heedThread, WORKER_MARK } from "../workers/worker_mark.ts";

/**
 * Runs tasks on threads of this program.
 *
 * Threads share memory (`SharedArrayBuffer`) and pass buffers without copying. They are no jail: a task has the
 * program's rights. A busy thread can be stopped.
 *
 * @example Work on every core
 * ```js
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/node";
 *
 * const tasks = importTasks("data:text/javascript,export const square = (n) => n * n");
 * await using pool = new ThreadPoolExecutor();
 * const squares = await Array.fromAsync(pool.map(tasks.square, [1, 2, 3]));
 * assert.deepEqual(squares, [1, 4, 9]);
 * ```
 */
export class ThreadPoolExecutor extends CloningExecutor {
  /**
   * Creates a pool; no thread is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Node.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: FlaggedThreadOptions = {}) {
    assertNode("ThreadPoolExecutor");
    const read = readOptions(options, FLAGGED_THREAD_OPTIONS, "create ThreadPoolExecutor");
    const start = threadStart(read);
    const memoryLimit = threadMemory(read);
    super(
      spawnWorkerThread({ own: ownProgram(), memoryLimit, start, stopsBusyWorkers: true }),
      pickOptions(read, POOL_OPTIONS),
      { memoryLimit: memoryLimit && memoryLimit * 2 ** 20 },
    );
    closePoolsAtExit();
    restPoolsBeforeExit();
  }
}

/**
 * Runs tasks in processes of their own.
 *
 * A process can always be killed, and what it does to itself (exit, crash, out of memory) costs the task it was running
 * and nothing else. It shares no memory with this program, and none outlives it, however it ends.
 *
 * @example Work on every core
 * ```js
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ProcessPoolExecutor } from "@concurrent/futures/node";
 *
 * const tasks = importTasks("data:text/javascript,export const square = (n) => n * n");
 * await using pool = new ProcessPoolExecutor();
 * const squares = await Array.fromAsync(pool.map(tasks.square, [1, 2, 3]));
 * assert.deepEqual(squares, [1, 4, 9]);
 * ```
 */
export class ProcessPoolExecutor extends CloningExecutor {
  /**
   * Creates a pool; no process is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Node, and for `memoryLimit` on Windows.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: FlaggedProcessOptions = {}) {
    assertNode("ProcessPoolExecutor");
    const read = readProcessOptions(options, FLAGGED_PROCESS_OPTIONS);
    const traits = processTraits(read);
    super(spawnNodeProcess(read), pickOptions(read, POOL_OPTIONS), traits);
    closePoolsAtExit();
    restPoolsBeforeExit();
  }
}

/** Flags of Node that say what this program is, or are for one process only: no worker gets them. */
const OWN_FLAGS =
  /^(-e|-p|-pe|-i|-c|--(eval|print|interactive|check|run|input-type|entry-url|snapshot-blob|build-.*|experimental-sea-config|inspect.*|debug-port|test|test-.*|experimental-test.*|watch|watch-.*|env-file.*))$/;

/** Makes a `Spawn` for processes of Node. */
export function spawnNodeProcess({
  env,
  cwd,
  signals,
  execArgv = [],
}: Pick<FlaggedProcessOptions, "env" | "cwd" | "signals" | "execArgv">): Spawn {
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const { isOneFile } = ownProgram();
  const findMain = () => new URL("../workers/processes/process_main.ts", import.meta.url);
  const from = cwd === undefined ? undefined : workingDirectory();
  const flags = passedOn(process.execArgv, (name) => !OWN_FLAGS.test(name), from);
  return (handlers) => {
    const { before, host } = killedWithUs();
    const main = isOwnWorker(findMain, isOneFile)
      ? ownMain()
      : fileURLToPath(workerEntry(findMain, isOneFile));
    const [program = process.execPath, ...args] = [
      ...before,
      process.execPath,
      ...(isOneFile ? [] : [...flags, ...execArgv, main]),
      WORKER_MARK,
      host,
      ...signalWords(signals),
    ];
    return linkProcess({ command: [program, ...args], cwd, env: workerEnv(env, from) }, handlers);
  };
}

/** This program, for workers that are to be it. A single executable's text is no file: threads find it among its assets. */
function ownProgram(): OwnProgram {
  const sea = process.getBuiltinModule("node:sea");
  const isOneFile = sea.isSea();
  return { isOneFile, main: () => (isOneFile ? { text: ownText(sea) } : { module: ownMain() }) };
}

/** The name of the asset: that of the entry that takes it. */
const OWN_TEXT = "@concurrent/futures/node/worker";

function ownText(sea: { getAsset(name: string, encoding: "utf8"): string }): string {
  try {
    return sea.getAsset(OWN_TEXT, "utf8");
  } catch (cause) {
    throw new UnsupportedRuntimeError(
      `Cannot start thread: the executable has no asset "${OWN_TEXT}", which is to be the program's text; name it in the ` +
        `configuration of the build: "assets": { "${OWN_TEXT}": "app.cjs" }`,
      { cause },
    );
  }
}

function ownMain(): string {
  const [, main] = process.argv;
  if (main !== undefined) return main;
  throw new UnsupportedRuntimeError(
    "Cannot start worker: this program is a text, not a file, and cannot be its own worker; run it from a file",
  );
}

/** The oldest Node that has what is used here: `process.getBuiltinModule`, `Promise.withResolvers`, `URL.parse`. */
const OLDEST = "22.3.0";

/** Compares two versions of Node. */
export function isOlder(version: string, than: string): boolean {
  const [own, other] = [version, than].map((text) => text.split(".").map(Number));
  for (const [at, number] of (other as number[]).entries()) {
    const difference = (own?.[at] ?? 0) - number;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Deno and Bun have the version of some Node too. */
function assertNode(name: string): void {
  assertRuntime("node", name);
  const { node } = process.versions;
  if (!isOlder(node, OLDEST)) return heedThread();
  throw new UnsupportedRuntimeError(
    `Cannot create ${name}: this is Node ${node}, and ${OLDEST} is the oldest it works on; use a newer one`,
  );
}
