// The worker's loop: takes calls from its port, makes them one after another, and sends the outcomes back.

import { Claims } from "./_claims.ts";
import { unrefTimer } from "./_deadline.ts";
import type { Port } from "./channel.ts";
import type { WorkerIdentity } from "./events.ts";
import { type AnyFunction, isTask } from "./task.ts";
import { contextSlot, type TaskContext } from "./task_context.ts";
import type { HostMessage, Run, WireTask, WorkerMessage } from "./wire.ts";
import { decodeError, encodeError, type WireError } from "./wire_error.ts";
import { assertCrossable } from "./wire_value.ts";

/** What differs for a worker that is only another slot on the host's own event loop. */
export interface ServeOptions {
  /** Values and errors pass by reference: nothing is encoded. Default: false. */
  byReference?: boolean;
  /** Other tasks run in this realm between the awaits of one. Default: false. */
  sharedRealm?: boolean;
}

/** The running worker, for its entry file. */
export interface Served {
  /** Reports an error that belongs to no call: thrown by a timer, an unhandled rejection. */
  fault(error: unknown): void;
  /** Sends what is finished but not sent yet: to be called before the worker exits on its own. */
  flush(): void;
}

/** Outcomes are gathered while calls are short and sent once this much time was spent, in milliseconds. */
const GATHER_MS = 1;

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it looks for
const COLOURS = /\x1b\[[\d;]*m/g;

type Outcome = Pick<WorkerMessage & { kind: "settled" }, "values"> & {
  errors: { seq: number; error: WireError }[];
};

/**
 * Serves `port` until the host says stop.
 *
 * Listens before it returns. An entry file calls it in its first turn.
 */
export function serve(port: Port, options: ServeOptions = {}): Served {
  const server = new Server(port, options);
  port.listen((message) => server.take(message));
  return server;
}

class Server implements Served {
  readonly #port: Port;
  readonly #byReference: boolean;
  readonly #sharedRealm: boolean;
  readonly #claims: Claims | undefined;
  readonly #tasks: WireTask[] = [];
  /** Functions by task index, once loaded. A failed load is not kept: the next call tries again. */
  readonly #functions: (AnyFunction | undefined)[] = [];
  readonly #inbox: (HostMessage & { kind: "run" })[] = [];
  #worker: WorkerIdentity = { id: -1, name: "" };
  #serving = false;

  /** The call that runs: its seq, its id, and its abort controller once anyone asked for the signal. */
  #seq = -1;
  #id = -1;
  #abort: AbortController | undefined = undefined;
  #abortReason: { reason: unknown } | undefined = undefined;

  /** Outcomes not sent yet: those of the calls from `#first` on. */
  #outcome: Outcome = { values: [], errors: [] };
  #first = 0;
  #since = 0;

  #idleTimeout: number | undefined = undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(port: Port, options: ServeOptions) {
    this.#port = port;
    this.#byReference = options.byReference ?? false;
    this.#sharedRealm = options.sharedRealm ?? false;
    this.#claims = port.shared === undefined ? undefined : new Claims(port.shared);
  }

  take(message: HostMessage): void {
    switch (message.kind) {
      case "start":
        void this.#start(message);
        return;
      case "run":
        this.#inbox.push(message);
        if (!this.#serving) void this.#serve();
        return;
      case "abort":
        if (message.seq !== this.#seq) return;
        this.#abortReason = { reason: decodeError(message.reason) };
        // First the word, then the signal: its listeners are the task's own code and may never return.
        this.#port.send({ kind: "aborting", seq: message.seq });
        this.#abort?.abort(this.#abortReason.reason);
        return;
      case "ping":
        this.#port.send({ kind: "pong" });
        return;
      case "stop":
        clearTimeout(this.#idleTimer);
        this.#port.exit();
        return;
      default:
        message satisfies never;
    }
  }

  fault(error: unknown): void {
    this.#port.send({ kind: "fault", error: encodeError(error) });
  }

  flush(): void {
    const { values, errors } = this.#outcome;
    if (values.length === 0) return;
    const first = this.#first;
    const elapsed = performance.now() - this.#since;
    this.#outcome = { values: [], errors: [] };
    this.#first = first + values.length;
    this.#since += elapsed;
    try {
      if (!this.#byReference) for (const value of values) assertCrossable(value);
      this.#port.send({
        kind: "settled",
        first,
        values,
        elapsed,
        ...(errors.length > 0 ? { errors } : {}),
      });
    } catch {
      this.#sendOneByOne(first, values, errors, elapsed / values.length);
    }
  }

  async #start(message: HostMessage & { kind: "start" }): Promise<void> {
    this.#worker = message.worker;
    this.#idleTimeout = message.idleTimeout;
    try {
      if (message.initializer !== undefined) {
        const initialize = await load(message.initializer, this.#sharedRealm);
        await initialize(...message.initializer.args);
      }
    } catch (error) {
      this.#port.send({ kind: "failed", error: this.#encode(error) });
      return;
    }
    this.#port.send({ kind: "ready" });
    this.#armIdle();
  }

  /** Makes the calls of every message that has come, and of those that come meanwhile. */
  async #serve(): Promise<void> {
    this.#serving = true;
    clearTimeout(this.#idleTimer);
    for (let message = this.#inbox.shift(); message !== undefined; message = this.#inbox.shift()) {
      this.#first = message.first;
      this.#since = performance.now();
      if (message.define !== undefined) this.#tasks.push(...message.define);
      let seq = message.first;
      for (const run of message.runs) {
        for (let index = 0; index < run.count; index++, seq++) {
          // Only a task that awaits costs a turn of the event loop: a batch of short ones runs through.
          const pending = this.#call(run, index, seq, message.announce === true);
          if (pending !== undefined) await pending;
          if (performance.now() - this.#since > GATHER_MS) this.flush();
        }
      }
      // After each message, not only the last: the host refills this worker as outcomes come in.
      this.flush();
    }
    this.#serving = false;
    this.#armIdle();
  }

  /** Makes one call and gathers its outcome; returns a promise only if the call does not end in this turn. */
  #call(run: Run, index: number, seq: number, announce: boolean): Promise<void> | undefined {
    // The claim comes before anything of the task, its module included, is touched: what is lost from here on was
    // running, and what is lost before was waiting (invariant 3).
    if (this.#claims !== undefined && !this.#claims.begin(seq)) {
      this.#outcome.values.push(undefined);
      return undefined;
    }
    this.#seq = seq;
    this.#id = run.id + index;
    this.#abort = undefined;
    this.#abortReason = undefined;
    const fn = typeof run.task === "function" ? run.task : this.#functions[run.task];
    if (fn === undefined) return this.#loadAndCall(run, index, announce);
    if (announce) this.#port.send({ kind: "started", seq });
    let value: unknown;
    contextSlot.current = this.#openContext;
    try {
      value = fn(...argumentsOf(run, index));
      if (isThenable(value)) return this.#settleLater(value);
    } catch (error) {
      this.#fail(error);
      return undefined;
    } finally {
      if (this.#sharedRealm) contextSlot.current = undefined;
    }
    this.#seq = -1;
    this.#outcome.values.push(value);
    return undefined;
  }

  async #loadAndCall(run: Run, index: number, announce: boolean): Promise<void> {
    const task = run.task as number;
    const seq = this.#seq;
    // What is finished must not wait for a module that may never load.
    this.flush();
    this.#port.send({ kind: "loading" });
    let fn: AnyFunction;
    try {
      fn = await load(this.#tasks[task] as WireTask, this.#sharedRealm);
    } catch (error) {
      this.#port.send({ kind: "loaded" });
      this.#fail(error);
      return;
    }
    this.#functions[task] = fn;
    this.#port.send({ kind: "loaded" });
    if (announce) this.#port.send({ kind: "started", seq });
    contextSlot.current = this.#openContext;
    try {
      const value = fn(...argumentsOf(run, index));
      if (this.#sharedRealm) contextSlot.current = undefined;
      this.#succeed(await value);
    } catch (error) {
      this.#fail(error);
    } finally {
      if (this.#sharedRealm) contextSlot.current = undefined;
    }
  }

  async #settleLater(value: PromiseLike<unknown>): Promise<void> {
    // Before a wait of unknown length, what is finished goes out.
    this.flush();
    try {
      this.#succeed(await value);
    } catch (error) {
      this.#fail(error);
    }
  }

  #succeed(value: unknown): void {
    this.#seq = -1;
    this.#outcome.values.push(value);
  }

  #fail(error: unknown): void {
    this.#outcome.errors.push({ seq: this.#seq, error: this.#encode(error) });
    this.#seq = -1;
    this.#outcome.values.push(undefined);
  }

  /** One of several outcomes cannot cross: each is tried alone, so that only that one fails. */
  #sendOneByOne(
    first: number,
    values: unknown[],
    errors: Outcome["errors"],
    elapsed: number,
  ): void {
    for (const [offset, value] of values.entries()) {
      const seq = first + offset;
      const known = errors.find((failed) => failed.seq === seq);
      try {
        assertCrossable(value);
        this.#port.send({
          kind: "settled",
          first: seq,
          values: [value],
          elapsed,
          ...(known ? { errors: [known] } : {}),
        });
      } catch (error) {
        const failed = { seq, error: encodeError(error) };
        this.#port.send({
          kind: "settled",
          first: seq,
          values: [undefined],
          elapsed,
          errors: [failed],
        });
      }
    }
  }

  #encode(error: unknown): WireError {
    return this.#byReference ? { kind: "same", error } : encodeError(error);
  }

  readonly #openContext = (): TaskContext => {
    const seq = this.#seq;
    if (seq < 0) throw new ReferenceError("Cannot get task context: no task is running here");
    this.#abort ??= new AbortController();
    if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason.reason);
    return {
      id: this.#id,
      worker: this.#worker,
      signal: this.#abort.signal,
      progress: (fraction, detail) => {
        if (typeof fraction !== "number" || Number.isNaN(fraction)) {
          throw new TypeError(
            `Cannot report progress: expected a fraction from 0 to 1, got ${String(fraction)}`,
          );
        }
        // A report after the end has no one to go to.
        if (seq !== this.#seq) return;
        const within = Math.min(1, Math.max(0, fraction));
        this.#port.send({
          kind: "progress",
          seq,
          fraction: within,
          ...(detail === undefined ? {} : { detail }),
        });
      },
    };
  };

  /** The clock of an idle worker runs here, where it keeps no program alive. */
  #armIdle(): void {
    if (this.#idleTimeout === undefined || this.#serving) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#port.send({ kind: "idle" }), this.#idleTimeout);
    unrefTimer(this.#idleTimer);
  }
}

/** Loads the module of a task and finds its function. */
async function load(task: WireTask, sharedRealm: boolean): Promise<AnyFunction> {
  const module = await importModule(task, sharedRealm);
  if (!Object.hasOwn(module, task.export)) {
    throw new ReferenceError(
      `Cannot find task: module ${task.module} has no export "${task.export}"`,
    );
  }
  const found = module[task.export];
  const fn = isTask(found) ? found.source.fn : found;
  if (typeof fn !== "function") {
    throw new TypeError(
      `Cannot use task: export "${task.export}" of ${task.module} is not a function`,
    );
  }
  return fn as AnyFunction;
}

async function importModule(
  task: WireTask,
  sharedRealm: boolean,
): Promise<Record<string, unknown>> {
  if (!sharedRealm) contextSlot.loading = task.module;
  try {
    return await import(task.module);
  } catch (cause) {
    // Some runtimes colour the messages of their module loader.
    const why = String((cause as Partial<Error>)?.message ?? cause).replaceAll(COLOURS, "");
    const what = `Cannot load task "${task.export}": module ${task.module} cannot be imported: ${why}`;
    throw new ReferenceError(what, { cause });
  } finally {
    contextSlot.loading = undefined;
  }
}

function argumentsOf(run: Run, index: number): unknown[] {
  if (run.count === 1) return run.args;
  return run.args.slice(index * run.arity, (index + 1) * run.arity);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}
