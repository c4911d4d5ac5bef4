// record: keeps what executors do, to be looked at afterwards in Perfetto or Chrome.

import { assertLimit } from "../core/checks.ts";
import { UnsupportedRuntimeError } from "../core/errors.ts";
import type { TaskEvent, WorkerEventBase } from "../core/events.ts";
import type { Executor } from "../core/executor.ts";
import { Fifo } from "../core/fifo.ts";
import { readOptions } from "../core/options.ts";
import { type TracedCall, type TracedMoment, type TracedRun, traceText } from "./trace.ts";

/** How much is kept. */
export interface RecordOptions {
  /** Of so many calls that have settled, and of as many printed lines and ends of workers; older ones are dropped. Default: 100 000, about 30 MB. */
  maxCalls?: number;
}

const MAX_CALLS = 100_000;
/** How much of a printed line is kept. */
const MAX_TEXT = 200;

/** A call, as it becomes known. */
interface KnownCall extends TracedCall {
  settledAt: number | undefined;
  readonly runs: KnownRun[];
}

type KnownRun = { -readonly [Key in keyof TracedRun]: TracedRun[Key] };

/** What one executor has done since. */
interface Track {
  readonly name: string;
  readonly workers: Map<number, { readonly id: number; readonly name: string }>;
  /** Calls that are not settled, by their ids. */
  readonly open: Map<number, KnownCall>;
}

/**
 * Records what an executor does, or several, from now on.
 *
 * It observes them, as `observe` does, and costs what an observer costs; until it is disposed. Calls that were submitted before
 * are not in it.
 *
 * @example Where the time has gone
 * ```ts
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import { record } from "@concurrent/futures/record";
 *
 * const folder = Deno.makeTempDirSync();
 * await using pool = new EventLoopExecutor({ maxWorkers: 2 });
 * using recording = record(pool);
 * await Array.fromAsync(pool.map(async (n: number) => n * n, [1, 2, 3]));
 * await recording.save(`${folder}/run.trace.json`); // open it at https://ui.perfetto.dev
 * Deno.removeSync(folder, { recursive: true });
 * ```
 *
 * @throws {TypeError} For what is no executor, or an option of the wrong type.
 * @throws {RangeError} For a `maxCalls` below 1, or without a limit.
 */
export function record(
  executors: Executor | readonly Executor[],
  options?: RecordOptions,
): Recording {
  return new Recording(Array.isArray(executors) ? executors : [executors as Executor], options);
}

/** What executors have done since: see `record`. */
export class Recording implements Disposable {
  readonly #tracks: Track[];
  readonly #settled = new Fifo<KnownCall>();
  readonly #moments = new Fifo<TracedMoment>();
  readonly #maxCalls: number;
  // No DisposableStack: Node has it since 24.
  readonly #observers: Disposable[] = [];
  #dropped = 0;

  /** Begins to record: see `record`. */
  constructor(executors: readonly Executor[], options?: RecordOptions) {
    const { maxCalls = MAX_CALLS } = readOptions(options, ["maxCalls"], "record");
    assertLimit(maxCalls, "maxCalls", 1);
    // Not by its class: another copy of the library has another.
    for (const executor of executors)
      if (typeof (executor as Partial<Executor> | undefined)?.observe !== "function")
        throw new TypeError("Cannot record: expected an executor, or a list of them");
    this.#maxCalls = maxCalls;
    this.#tracks = executors.map(({ name }) => ({ name, workers: new Map(), open: new Map() }));
    for (const [index, executor] of executors.entries())
      this.#observers.push(executor.observe((event) => this.#note(index, event)));
  }

  /** How many calls are in it. */
  get calls(): number {
    return this.#tracks.reduce((sum, { open }) => sum + open.size, this.#settled.size);
  }

  /** How many calls were dropped, as more than `maxCalls` had settled. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Writes what is known by now, piece by piece: where there are no files, or to be sent.
   *
   * @example As one text
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   * import { record } from "@concurrent/futures/record";
   *
   * await using pool = new EventLoopExecutor();
   * using recording = record(pool);
   * await pool.submit(Math.max, 1, 2);
   * const { traceEvents } = JSON.parse([...recording.pieces()].join(""));
   * assert(traceEvents.some(({ name }: { name: string }) => name === "max"));
   * ```
   */
  pieces(): Generator<string, void> {
    // As they are now: who writes them to a file gives way to the executors meanwhile.
    const calls = [...this.#settled, ...this.#tracks.flatMap(({ open }) => [...open.values()])];
    return traceText({
      executors: this.#tracks.map(({ name, workers }) => ({
        name,
        workers: [...workers.values()],
      })),
      calls,
      moments: [...this.#moments],
      now: performance.timeOrigin + performance.now(),
      about: { recorder: "@concurrent/futures", calls: calls.length, dropped: this.#dropped },
    });
  }

  /**
   * Writes what is known by now to a file, which Perfetto (https://ui.perfetto.dev) and `chrome://tracing` open.
   *
   * @param file A path, or the URL of a file; what is there is replaced.
   * @returns Resolves when all is written.
   * @throws {UnsupportedRuntimeError} Where there are no files; `pieces()` are there, too.
   */
  async save(file: string | URL): Promise<void> {
    const files = filesHere();
    if (files === undefined)
      throw new UnsupportedRuntimeError(
        "Cannot save recording: there are no files here; write its pieces() to where they are wanted",
      );
    const opened = await files.open(file, "w");
    try {
      for (const piece of this.pieces()) await opened.appendFile(piece);
    } finally {
      await opened.close();
    }
  }

  /** Records no more. What is known can still be saved. */
  [Symbol.dispose](): void {
    for (const observer of this.#observers.splice(0)) observer[Symbol.dispose]();
  }

  #note(executor: number, event: TaskEvent): void {
    const track = this.#tracks[executor] as Track;
    switch (event.type) {
      case "submitted": {
        const { id, task: name, at } = event;
        track.open.set(id, { executor, id, name, submittedAt: at, settledAt: undefined, runs: [] });
        return;
      }
      case "started": {
        const { worker, at } = event;
        track.workers.set(worker.id, worker);
        const runs = track.open.get(event.id)?.runs;
        endLast(runs, at, "lost");
        runs?.push({ worker: worker.id, from: at, to: undefined, outcome: "running" });
        return;
      }
      case "settled": {
        const call = track.open.get(event.id);
        if (call === undefined) return;
        track.open.delete(event.id);
        call.settledAt = event.at;
        endLast(call.runs, event.at, event.outcome);
        this.#settled.push(call);
        if (this.#settled.size <= this.#maxCalls) return;
        this.#settled.shift();
        this.#dropped++;
        return;
      }
      case "worker-started":
        track.workers.set(event.worker.id, event.worker);
        this.#forgetWorkers(track);
        return;
      case "worker-exited":
        this.#noteExit(executor, event);
        return;
      case "console":
        this.#noteMoment(executor, event, event.text.slice(0, MAX_TEXT));
        return;
      // How far a call is, and what it holds, is drawn by nobody yet.
      case "progress":
      case "hold":
        return;
      default:
        event satisfies never;
    }
  }

  /** Workers that are used once are as many as calls. */
  #forgetWorkers({ workers }: Track): void {
    if (workers.size <= this.#maxCalls) return;
    for (const id of workers.keys()) {
      workers.delete(id);
      return;
    }
  }

  #noteExit(executor: number, event: TaskEvent & { type: "worker-exited" }): void {
    const { worker, exitCode, signal, abandoned, at } = event;
    const { open } = this.#tracks[executor] as Track;
    // What ran there ends with it, whether or not it is run again.
    for (const { runs } of open.values())
      if (runs.at(-1)?.worker === worker.id) endLast(runs, at, "lost");
    const how = abandoned ? "abandoned" : (signal ?? (exitCode === undefined ? "" : exitCode));
    this.#noteMoment(executor, event, `exited ${how}`.trimEnd());
  }

  #noteMoment(executor: number, { worker, at }: WorkerEventBase, name: string): void {
    this.#moments.push({ executor, worker: worker.id, at, name });
    if (this.#moments.size > this.#maxCalls) this.#moments.shift();
  }
}

/** Ends the last run, unless it has ended. */
function endLast(runs: KnownRun[] | undefined, at: number, outcome: string): void {
  const last = runs?.at(-1);
  if (last === undefined || last.to !== undefined) return;
  last.to = at;
  last.outcome = outcome;
}

/** What is used of `node:fs/promises`. */
interface Files {
  open(
    file: string | URL,
    flags: string,
  ): Promise<{ appendFile(text: string): Promise<void>; close(): Promise<void> }>;
}

/** The runtime's files, where it has any. Not imported: a bundler for pages would look for them. */
function filesHere(): Files | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.("node:fs/promises") as Files | undefined;
}
