// WorkOwner: whose a work is. The books of an executor, as what it was given sees them, whatever engine runs the calls.

import type { CancelledError, TimeoutError } from "../errors.ts";
import type { ErrorContext } from "../executor.ts";
import type { Future, Outcome } from "../future.ts";
import type { CallKey } from "../key.ts";
import type { Alarms } from "../time/alarms.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import type { Call, Terms, Work } from "./work.ts";

/** A work with failures that nobody has looked at. */
export interface Unobserved {
  /** The task's name. */
  readonly task: string;
  /** The call's future; elements of a `map` have none. */
  readonly future?: Future<unknown>;
  /** What they failed with. */
  unobservedErrors(): Iterable<unknown>;
}

/** A source that is being taken. */
export interface Source {
  /** Takes nothing more; `error` is thrown behind what was taken. */
  stop(error: unknown): void;
}

/** Whoever observes an executor, as a work tells them of one of its calls. `at` is a time that `now` has told. */
export interface CallObservers {
  /** Whether there are any: events, times and records are made only then. */
  readonly any: boolean;
  /** The time, in milliseconds since the Unix epoch, never going back. */
  now(): number;
  /** A call that begins has waited so long, in milliseconds: for the statistics. */
  waited(ms: number): void;
  /** A call that has ended ran so long. */
  ran(ms: number): void;
  submitted(work: Work, index: number, at: number): void;
  started(work: Work, index: number, worker: WorkerIdentity, at: number): void;
  progressed(work: Work, index: number, progress: Progress): void;
  /** `error` counts where it is not finished. */
  settled(
    work: Work,
    index: number,
    outcome: Outcome,
    at: number,
    worker: WorkerIdentity | undefined,
    error: unknown,
  ): void;
}

/** What a work tells, and asks. */
export interface WorkOwner {
  readonly observers: CallObservers;
  /** What runs its calls. */
  readonly engine: object;
  report(error: unknown, about: ErrorContext): void;
  /** Failures to report when the executor closes. */
  readonly unobserved: Set<Unobserved>;

  /** Whether calls are made on the caller's own event loop, and so in the caller's async context. */
  readonly keepsContext: boolean;
  /** The number of the next call. */
  nextId(): number;
  /**
   * Makes a call of its own, whether or not tasks are taken: for an element of what was accepted before.
   *
   * @param trace What goes with it, where somebody follows it.
   */
  call(terms: Terms, args: unknown[], trace?: string, key?: CallKey): Future<unknown>;
  /** Counts a call in. */
  admit(): void;
  /** Counts it out again: it settled, whatever the way. */
  settled(outcome: Outcome): void;
  /** Puts a work into the queue, once. */
  enqueue(work: Work): void;
  /** A work in the queue has no call waiting any more. */
  dropped(): void;
  /** A work in the queue has another priority than `before`. */
  moved(work: Work, before: number): void;
  /** The clock of all that is to happen to calls which wait. */
  readonly alarms: Alarms;
  /** Runs a call again that has failed, after its pause, if that is to be; false if it has failed for good. */
  again(work: Work, index: number, error: unknown, isLost: boolean): boolean;
  /** So many calls of a work pause by its own clock before their first run: it is in no queue for their sake. */
  resting(work: Work, calls: number): void;
  /** Takes back what has not begun of a work, wherever it is. */
  takeBack(work: Work): Call[];
  /** Takes back what was sent to a worker of a work, and has not begun. */
  recall(work: Work): Call[];
  /** Ends what runs of a work: signals abort, and a worker that goes on is ended. The calls are settled by the caller. */
  end(work: Work, reason: CancelledError | TimeoutError): void;

  /** Whether one more call may wait. */
  readonly hasRoom: boolean;
  /** Resolves when there may be room. */
  readonly room: Promise<void>;
  /** Whether the executor still runs what it has. */
  readonly alive: boolean;
  /** Throws unless tasks are taken. */
  assertOpen(action: string): void;
  /** Maps that still take from their source. */
  readonly sources: Set<Source>;
  /** A whole source was accepted: until all of it is taken there is work, and a shutdown waits for it. */
  acceptSource(): void;
  /** All of an accepted source is taken. */
  sourceTaken(): void;
}
