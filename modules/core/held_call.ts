// HeldCall: a call that waits for its turn in a group. Its future stands for the one that the call becomes.

import { inContextOfNow } from "./async_context.ts";
import type { AwaitedCall } from "./call_waits.ts";
import type { CancelledError } from "./errors.ts";
import {
  callOf,
  Future,
  type FutureControl,
  type FutureDetails,
  onceDone,
  wasLookedAt,
} from "./future.ts";
import { printError } from "./print_error.ts";
import { beginWait, followWaits } from "./waits.ts";
import type { Progress } from "./worker_identity.ts";

/** A call that waits for its turn in a group: the future it was promised, and later the one it has become. */
export class HeldCall<T> implements FutureControl {
  readonly future: Future<T> = new Future<T>(this);
  readonly #call: () => Future<T>;
  #real: Future<T> | undefined = undefined;
  /** What its user has set before there was a real one. */
  #priority: number | undefined = undefined;
  #isAwaited = false;
  /** Those that want to be told of the real future. */
  readonly #listeners = new Set<(real: Future<T>) => void>();

  constructor(call: () => Future<T>) {
    // What is submitted belongs to whoever submits it, whoever makes room for it.
    this.#call = inContextOfNow<void, Future<T>>(call);
    followWaits(this.future, {
      began: () => {
        this.#isAwaited = true;
        if (this.#real !== undefined) beginWait(this.#real);
      },
      ended: () => {},
    });
  }

  /** Makes the call. Where that throws, the call has failed: whoever submitted it is gone. */
  start(): void {
    try {
      this.#real = this.#call();
    } catch (error) {
      this.future.setException(error);
      return;
    }
    // An observer, told in the midst of the call, may have cancelled what it has become.
    const { future } = this;
    if (future.cancelled()) this.#real.cancel({ interrupt: true });
    if (this.#priority !== undefined) this.#real.priority = this.#priority;
    if (this.#isAwaited) beginWait(this.#real);
    for (const listener of this.#listeners) listener(this.#real);
    onceDone(this.#real, (real) => this.#settle(real));
  }

  get priority(): number {
    return this.#real?.priority ?? this.#priority ?? 0;
  }

  set priority(priority: number) {
    if (this.#real === undefined) this.#priority = priority;
    else this.#real.priority = priority;
  }

  withdraw(): boolean {
    return this.#real === undefined || this.#real.cancel();
  }

  begun(): boolean {
    return this.#real?.running() ?? false;
  }

  interrupt({ cause }: CancelledError): void {
    this.#real?.cancel({ interrupt: true, reason: cause });
  }

  settled(): void {}

  looked(): void {
    if (this.#real !== undefined) look(this.#real);
  }

  report(error: unknown): void {
    printError("Uncaught error in a callback of a future:", error);
  }

  call(): AwaitedCall | undefined {
    return this.#real === undefined ? undefined : callOf(this.#real);
  }

  details(): FutureDetails | undefined {
    if (this.#real === undefined) return undefined;
    const { submittedAt, startedAt, finishedAt, progress, worker } = this.#real.snapshot();
    return { submittedAt, startedAt, finishedAt, progress, worker };
  }

  watchProgress(listener: (progress: Progress) => void): Disposable {
    if (this.#real !== undefined) return this.#real.onProgress(listener);
    let stop: Disposable | undefined;
    const wait = (real: Future<T>) => {
      stop = real.onProgress(listener);
    };
    this.#listeners.add(wait);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(wait);
        stop?.[Symbol.dispose]();
      },
    };
  }

  #settle(real: Future<T>): void {
    const { future } = this;
    if (future.done()) return;
    const { state, value, error } = real.snapshot();
    if (state === "cancelled") {
      future.cancel({ interrupt: true, reason: (error as CancelledError).cause });
    } else if ("error" in real.snapshot()) {
      if (wasLookedAt(future)) look(real);
      future.setException(error);
    } else {
      future.setResult(value as T);
    }
  }
}

/** Counts as a look at the outcome, and waits for nothing. */
export function look(future: Future<unknown>): void {
  future.catch(() => {});
}
