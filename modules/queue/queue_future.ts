// QueueFuture: a future whose job has a name on the server, by which any program can ask for its outcome.

import { Future, type FutureControl, onceDone } from "../core/future.ts";

/** What a queue knows of a future beside its work: under which name its job goes, when, and for how long it is kept. */
export class Ticket {
  jobId: string;
  /** Milliseconds before it may run. */
  readonly delay: number;
  /** Milliseconds for which its result is kept; undefined is as of all. */
  readonly keepResult: number | undefined;
  /** Whether there may be such a job already, whose outcome is the one of this future, too. */
  readonly isShared: boolean;
  #accepted: PromiseWithResolvers<void> | undefined = undefined;
  #isAccepted = false;
  #refusal: { error: unknown } | undefined = undefined;

  constructor(jobId: string, delay = 0, keepResult?: number, isShared = false) {
    this.jobId = jobId;
    this.delay = delay;
    this.keepResult = keepResult;
    this.isShared = isShared;
  }

  /** Made when it is asked for: most never are. */
  get accepted(): Promise<void> {
    if (this.#accepted === undefined) {
      this.#accepted = Promise.withResolvers<void>();
      // Whoever asks answers for it by what they derive from it.
      this.#accepted.promise.catch(() => {});
      if (this.#isAccepted) this.#accepted.resolve();
      else if (this.#refusal !== undefined) this.#accepted.reject(this.#refusal.error);
    }
    return this.#accepted.promise;
  }

  accept(): void {
    this.#isAccepted = true;
    this.#accepted?.resolve();
  }

  /** It never will be; after `accept` this changes nothing. */
  refuse(error: unknown): void {
    this.#refusal ??= { error };
    this.#accepted?.reject(error);
  }
}

/** The ticket of a future; undefined of one that is of no queue. */
export let ticketOf: (future: Future<unknown>) => Ticket | undefined;

/**
 * The future of a task that was handed to a queue. Its job has a name on the server, so that its outcome can be had by any
 * program that knows it, also after this one has ended: `executor.get(jobId)`.
 *
 * @example The name is there at once
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { QueueExecutor } from "@concurrent/futures/queue";
 *
 * const jobs = importTasks<{ double(n: number): number }>("tasks:jobs");
 * const executor = new QueueExecutor({
 *   connection: { url: "redis://127.0.0.1:6379" },
 *   queue: "numbers",
 *   tasks: { jobs: "tasks:jobs" },
 * });
 * const future = executor.submit(jobs.double, 21);
 * assert.match(future.jobId, /^[0-9a-f-]{36}$/);
 * assert(future.cancel()); // nothing has been sent in this tick
 * await executor.shutdown();
 * ```
 */
export class QueueFuture<T> extends Future<T> {
  static {
    ticketOf = (future) =>
      #ticket in future ? (future as QueueFuture<unknown>).#ticket : undefined;
  }

  readonly #ticket: Ticket;

  /** Executors make them. */
  constructor(control: FutureControl, ticket: Ticket) {
    super(control);
    this.#ticket = ticket;
  }

  /** The name of its job on the server. */
  get jobId(): string {
    return this.#ticket.jobId;
  }

  /**
   * Resolves when the server has the job: from then on it outlives this program. Rejects with whatever the future fails with
   * if that comes first, or with its `CancelledError`.
   */
  get accepted(): Promise<void> {
    onceDone(this, () => {
      if (this.cancelled()) this.#ticket.refuse(this.snapshot().error);
    });
    return this.#ticket.accepted;
  }
}
