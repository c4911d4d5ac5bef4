// PassingCall: a call on its way through the layers of its task, to the engine of its executor or to an outcome from elsewhere.

import { contextOfNow } from "../async_context.ts";
import type { AwaitedCall } from "../call_waits.ts";
import { callOf, type Future, type Outcome, onceDone, outcomeOf, resultOf } from "../future.ts";
import type { HeldWork } from "../work/layers.ts";
import type { Progress } from "../worker_identity.ts";

/** What a layer does with the calls that come by. */
export interface Layer {
  /** Has the call go on, now or later, or settles it. What it throws fails the call. */
  enter(call: PassingCall): void;
  /** Whether calls with many results may come by. */
  readonly takesStreams: boolean;
}

/** How a call has ended: `value` is its result, or what it failed with. */
export interface Ended {
  readonly outcome: Outcome;
  readonly value: unknown;
}

/** One call. */
export class PassingCall {
  readonly #work: HeldWork;
  readonly #layers: readonly Layer[];
  readonly #goOn: () => void;
  /** The context of whoever submitted: functions of theirs are called in it, whoever lets the call go on. */
  readonly #enter = contextOfNow();
  #next = 0;
  #of: AwaitedCall | undefined = undefined;

  constructor(work: HeldWork, layers: readonly Layer[], goOn: () => void) {
    this.#work = work;
    this.#layers = layers;
    this.#goOn = goOn;
  }

  /** The name of its task. */
  get name(): string {
    return this.#work.terms.name;
  }

  get priority(): number {
    return this.#work.terms.priority;
  }

  /** Which call it is, asked first while it is not done. */
  get of(): AwaitedCall | undefined {
    this.#of ??= callOf(this.#work.future);
    return this.#of;
  }

  get isDone(): boolean {
    return this.#work.future.done();
  }

  /** What it was called with. To be asked for only while it is not done: then it is let go. */
  args(): unknown[] {
    const args: unknown[] = [];
    this.#work.pushArgs(0, args);
    return args;
  }

  /** Goes on to the next layer, or to the engine. */
  goOn(): void {
    if (this.isDone) return;
    const layer = this.#layers[this.#next++];
    if (layer === undefined) return this.#goOn();
    try {
      this.#enter(() => layer.enter(this), undefined);
    } catch (error) {
      this.#work.fail(0, error);
    }
  }

  /** Gives it an outcome from elsewhere. */
  settle({ outcome, value }: Ended): void {
    if (outcome === "finished") this.#work.succeed(0, value);
    else this.#work.fail(0, value);
  }

  /** Calls `listener` once it is done, whatever the way. */
  onceDone(listener: (ended: Ended) => void): void {
    onceDone(this.#work.future, (future) => listener(endOf(future)));
  }

  /** Has another call report the progress of this one. */
  tellProgressTo(other: PassingCall): void {
    const told = this.#work.future.onProgress((progress) => other.#progressed(progress));
    other.onceDone(() => told[Symbol.dispose]());
  }

  #progressed(progress: Progress): void {
    this.#work.progressed(0, progress);
  }
}

/** How a future that is done has ended, without a look at it: a cancelled one has its error for a value. */
export function endOf(future: Future<unknown>): Ended {
  const outcome = outcomeOf(future) as Outcome;
  const value = outcome === "finished" ? resultOf(future) : future.snapshot().error;
  return { outcome, value };
}
