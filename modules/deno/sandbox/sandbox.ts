// Sandbox: runs code that nobody has read, each piece in a process of its own that may do nothing.

import { assertCount, assertLimit, assertNumber } from "../../core/checks.ts";
import type { TaskEvent } from "../../core/events.ts";
import type { Executor } from "../../core/executor.ts";
import type { Future } from "../../core/future.ts";
import { importTasks } from "../../core/import_tasks.ts";
import { readOptions } from "../../core/options.ts";
import { PoolExecutor } from "../../core/pool_executor.ts";
import { assertRuntime } from "../../workers/assert_runtime.ts";
import { closePoolsAtExit } from "../../workers/close_pools_at_exit.ts";
import type * as tasks from "./sandbox_task.ts";
import { type JailLimits, spawnJailed } from "./spawn_jailed.ts";

/** Options of a sandbox. */
export interface SandboxOptions {
  /** How many pieces of code run at once. Default: the number of cores less one, at least 1. */
  maxWorkers?: number;
  /** How many pieces may wait; `run` throws beyond. Default: no limit. */
  maxQueue?: number;
  /** Milliseconds a piece of code may take, from its start. Default: 1000. */
  timeout?: number;
  /** The heap of JavaScript, in MiB. Default: 64. */
  heap?: number;
  /** Memory of all kinds, in MiB, where there is `prlimit`; below 1024 the runtime may not start. Default: 1024. */
  memory?: number;
  /** Bytes that may be printed; who prints more is ended. Default: 65 536. */
  maxOutput?: number;
  /** Bytes that a result may have; who sends more is ended. Default: 1 048 576. */
  maxResult?: number;
}

/** What came of a piece of code. */
export type SandboxResult = {
  /** What it printed, to standard output and error. */
  readonly output: string;
} & (
  | { readonly ok: true; readonly value: unknown }
  /** What it threw, or why it was ended. */
  | { readonly ok: false; readonly error: unknown }
);

const DEFAULTS = {
  timeout: 1_000,
  heap: 64,
  memory: 1_024,
  maxOutput: 65_536,
  maxResult: 2 ** 20,
} as const;

const LIMITS = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];

/** A process may need so many milliseconds to start on a machine that has much else to do. */
const START_TIMEOUT = 30_000;

/** A timer that only holds the program. */
const HOLD_MS = 60_000;

const { runCode } = importTasks<typeof tasks>(new URL("./sandbox_task.ts", import.meta.url));

/**
 * Runs code that nobody has read.
 *
 * Each piece runs in a Deno process of its own that has no permission whatsoever, an empty environment, a small heap, and
 * nothing in common with the ones before it. It is killed when its time is over, and when it prints or returns too much.
 * Where the system has `prlimit`, its memory and processor time are limited too. Read docs/sandbox.md before you rely on
 * it: it says what this does not hold.
 *
 * Needs the permissions to run programs and to read, and one variable that Deno looks at whenever it starts a program:
 * `--allow-run --allow-read --allow-env=NODE_V8_COVERAGE`.
 *
 * @example Code of a stranger
 * ```ts
 * import assert from "node:assert/strict";
 * import { Sandbox } from "@concurrent/futures/deno/sandbox";
 *
 * await using sandbox = new Sandbox({ timeout: 5_000 });
 * const sum = await sandbox.run("export default (a: number, b: number) => a + b", 20, 22);
 * assert(sum.ok && sum.value === 42);
 *
 * const thief = await sandbox.run("export default () => Deno.readTextFileSync('/etc/passwd')");
 * assert(!thief.ok && String(thief.error).startsWith("NotCapable"));
 * ```
 */
export class Sandbox implements AsyncDisposable {
  readonly #pool: PoolExecutor;
  readonly #timeout: number;
  /** What each process has printed, by worker, until it is read. */
  readonly #outputs = new Map<number, Output>();
  readonly #workers = new WeakMap<Future<unknown>, number>();

  /**
   * Creates a sandbox; nothing is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Deno.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: SandboxOptions = {}) {
    assertRuntime("deno", "Sandbox");
    const read = readOptions(options, [...LIMITS, "maxWorkers", "maxQueue"], "create Sandbox");
    const { timeout, ...limits } = { ...DEFAULTS, ...read };
    assertNumber(timeout, "timeout", "a limit above 0, in milliseconds", isLimit);
    for (const name of ["heap", "memory"] as const) assertLimit(limits[name], name, 1);
    for (const name of ["maxOutput", "maxResult"] as const) assertCount(limits[name], name, 1);
    this.#timeout = timeout;
    const spawn = spawnJailed({ ...limits, timeout } satisfies JailLimits, ({ id }, bytes) =>
      this.#output(id).take(bytes, limits.maxOutput),
    );
    this.#pool = new PoolExecutor(spawn, {
      name: "Sandbox",
      maxWorkers: read.maxWorkers ?? Math.max(1, navigator.hardwareConcurrency - 1),
      ...(read.maxQueue === undefined ? {} : { maxQueue: read.maxQueue }),
      // One piece of code, one process: nothing of it is left for the next.
      maxTasksPerWorker: 1,
      // There is nobody to be asked.
      interruptGrace: 0,
      startTimeout: START_TIMEOUT,
      // Whatever it throws later is its own affair.
      onError: () => {},
    });
    this.#pool.observe((event) => this.#note(event));
    closePoolsAtExit();
  }

  /**
   * Runs the default export of a module given as text, TypeScript or JavaScript.
   *
   * @param code The module's text. It can import nothing but built-in modules.
   * @param args What its default export is called with; copied.
   * @returns What came of it; never rejects for anything the code does.
   * @throws {ShutdownError} After the sandbox was closed.
   * @throws {QueueFullError} When `maxQueue` pieces wait already.
   */
  async run(code: string, ...args: unknown[]): Promise<SandboxResult> {
    if (typeof code !== "string")
      throw new TypeError(`Cannot run code: expected its text, got ${typeof code}`);
    const future = this.#submit(code, args);
    const error = await future.exception().catch((cancelled: unknown) => cancelled);
    const output = await this.#outputOf(future);
    const { state, value } = future.snapshot();
    // An error may be `undefined`: code can throw anything.
    const failed = state !== "finished" || "error" in future.snapshot();
    return failed ? { ok: false, error, output } : { ok: true, value, output };
  }

  /**
   * Runs the default export of a module given as text, as `run` does, and hands out the future: to cancel it by, and for
   * those who watch `executor`. What it prints to standard output and error is dropped.
   *
   * @param code The module's text. It can import nothing but built-in modules.
   * @param args What its default export is called with; copied.
   * @returns A future that fails with what the code throws, or with why it was ended.
   * @throws {TypeError} For code that is no text.
   * @throws {ShutdownError} After the sandbox was closed.
   * @throws {QueueFullError} When `maxQueue` pieces wait already.
   */
  submit(code: string, ...args: unknown[]): Future<unknown> {
    if (typeof code !== "string")
      throw new TypeError(`Cannot run code: expected its text, got ${typeof code}`);
    const future = this.#submit(code, args);
    future.addDoneCallback(() => this.#outputOf(future).then(() => {}));
    return future;
  }

  /**
   * What the pieces of code run on, for those who watch it, as a dashboard does: `observe`, `stats`, `terminateWorkers`.
   * Whatever task is submitted to it runs in such a process, too.
   */
  get executor(): Executor {
    return this.#pool;
  }

  /** Ends everything that runs, and takes nothing more. */
  async close(): Promise<void> {
    await this.#pool.terminateWorkers();
  }

  /** Waits for what runs, and takes nothing more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.shutdown();
  }

  #submit(code: string, args: readonly unknown[]): Future<unknown> {
    return this.#pool.submit(runCode.with({ timeout: this.#timeout }), code, args);
  }

  #note(event: TaskEvent): void {
    if (event.type === "worker-exited") this.#output(event.worker.id).end();
    if (event.type === "worker-started") this.#output(event.worker.id);
    if (event.type === "started" && event.future !== undefined)
      this.#workers.set(event.future, event.worker.id);
  }

  #output(id: number): Output {
    const known = this.#outputs.get(id);
    if (known !== undefined) return known;
    const output = new Output();
    this.#outputs.set(id, output);
    return output;
  }

  /** What the process of a piece of code has printed, once it has ended; nothing if it was never started. */
  async #outputOf(future: Future<unknown>): Promise<string> {
    const id = this.#workers.get(future);
    if (id === undefined) return "";
    const output = this.#output(id);
    // The task is done, so the pool no longer holds the program.
    const hold = setInterval(() => {}, HOLD_MS);
    await output.ended;
    clearInterval(hold);
    this.#outputs.delete(id);
    return output.text;
  }
}

/** What one process has printed. */
class Output {
  readonly #pieces: Uint8Array[] = [];
  readonly #end: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #size = 0;

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  get text(): string {
    const decoder = new TextDecoder();
    return (
      this.#pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") +
      decoder.decode()
    );
  }

  /** Keeps what is within the limit; throws for what is beyond. */
  take(bytes: Uint8Array, limit: number): void {
    const room = limit - this.#size;
    this.#pieces.push(bytes.slice(0, room));
    this.#size += Math.min(bytes.length, room);
    if (bytes.length > room)
      throw new RangeError(`Cannot go on: more than ${limit} bytes were printed`);
  }

  end(): void {
    this.#end.resolve();
  }
}

/** The system is told it as a number of seconds. */
function isLimit(ms: number): boolean {
  return ms > 0 && Number.isFinite(ms);
}
