// CallTracer: has calls followed to where they run. What is known here of that is one text, which goes with a call behind its
// arguments, and who is to take it off there: see @concurrent/futures/otel.

import { InvalidStateError } from "./errors.ts";
import type { Executor } from "./executor.ts";
import type { AnyFunction, TaskSource } from "./task.ts";
import type { NamedTask } from "./work/work.ts";

/** Follows the calls of an executor. Nothing of it throws. */
export interface CallTracer {
  /**
   * The address of a module whose `wrap` a worker puts around the function of a call: what it makes is given two arguments
   * more, behind those of the call: the text, and how often the call was lost with its worker before.
   */
  readonly around: string;
  /** The same for a function that is called on this event loop. */
  wrap(fn: AnyFunction): AnyFunction;
  /**
   * A call of the task is about to be submitted, or many of a map, in the context of whoever does it.
   *
   * @param from The text of another program's call, for which it is submitted: from anywhere, and maybe no text of ours.
   * @returns The text; undefined for calls that nobody follows.
   */
  begin(task: string, from?: string): string | undefined;
  /** That is over: the calls are submitted, or an error says why not. */
  submitted(error?: unknown): void;
}

/** How an executor is given a tracer, for as long as it is not disposed of. */
export const TRACE_CALLS: unique symbol = Symbol.for("@concurrent/futures/trace-calls");

/**
 * Has the calls of an executor followed.
 *
 * @throws {TypeError} When it cannot do that.
 * @throws {InvalidStateError} When somebody follows them already.
 */
export function traceCalls(executor: Executor, tracer: CallTracer): Disposable {
  const { [TRACE_CALLS]: follow } = executor as { [TRACE_CALLS]?: (by: CallTracer) => Disposable };
  if (follow === undefined)
    throw new TypeError("Cannot trace: expected an executor whose calls can be followed");
  return Reflect.apply(follow, executor, [tracer]);
}

/** What `continueTrace` was given. */
let continued: string | undefined;

/** Submits what another program has asked for, with the text that came along, if any did: whoever follows goes on from there. */
export function continueTrace<R>(from: string | undefined, submit: () => R): R {
  continued = from;
  try {
    return submit();
  } finally {
    continued = undefined;
  }
}

/** Submits something while it is followed. */
export function follow<R>(
  tracer: CallTracer,
  name: string,
  submit: (trace: string | undefined) => R,
): R {
  const from = continued;
  // What the user's code submits meanwhile is its own.
  continued = undefined;
  const trace = tracer.begin(name, from);
  if (trace === undefined) return submit(undefined);
  let submitted: R;
  try {
    submitted = submit(trace);
  } catch (error) {
    tracer.submitted(error);
    throw error;
  }
  tracer.submitted();
  return submitted;
}

/** The tracer of one executor, and what it makes of tasks. */
export class TracedTasks {
  readonly #tracer: CallTracer;
  readonly #tasks = new WeakMap<NamedTask, NamedTask>();
  readonly #sources = new WeakMap<TaskSource, TaskSource>();

  constructor(tracer: CallTracer) {
    this.#tracer = tracer;
  }

  /**
   * Submits something while it is followed.
   *
   * @param submit Is given the task as it is to be called, and the text.
   */
  submit<R>(task: NamedTask, submit: (task: NamedTask, trace: string | undefined) => R): R {
    return follow(this.#tracer, task.options.name ?? task.source.export, (trace) =>
      submit(trace === undefined ? task : this.#traced(task), trace),
    );
  }

  /** The task as it is called where it is followed; the same object each time. */
  #traced(task: NamedTask): NamedTask {
    let traced = this.#tasks.get(task);
    if (traced === undefined) {
      traced = { source: this.#sourceOf(task.source), options: task.options };
      this.#tasks.set(task, traced);
    }
    return traced;
  }

  #sourceOf(source: TaskSource): TaskSource {
    let traced = this.#sources.get(source);
    if (traced === undefined) {
      const { around } = this.#tracer;
      const fn = source.fn === undefined ? {} : { fn: this.#tracer.wrap(source.fn) };
      traced = { ...source, ...fn, around };
      this.#sources.set(source, traced);
    }
    return traced;
  }
}

/** The error for a second tracer. */
export function tracedAlready(): InvalidStateError {
  return new InvalidStateError("Cannot trace: the executor is traced already");
}
