// NestedCalls: what calls of the same executor have submitted and wait for. While all slots are held by such calls, and what
// they wait for waits for a slot, none of them could ever end: one more is lent.
//
// Whose call it is that submits, and that waits, is known to async contexts. Where there are none, and of a function that had
// always ended in the turn it began in, it is known before its first `await`, and of whoever waits at once. Who goes on with its
// work while what it has submitted waits is lent nothing, for `maxWorkers` is a promise, too.

import { marksHere, type RunningCall } from "../async_context.ts";
import { Future, onceDone } from "../future.ts";
import { followWaits } from "../waits.ts";

/** In so many turns of the microtasks an `await` that stands beside the `submit`, or in `Promise.all`, has been begun. */
const TURNS = 4;

/** The nested calls of one executor. */
export class NestedCalls {
  /** What is waited for, by the id of the call that has submitted it. */
  readonly #awaited = new Map<number, Set<object>>();
  readonly #onChange: () => void;
  #size = 0;

  /** @param onChange Told when a call begins to wait for something, or has ended to. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** How much is waited for. */
  get size(): number {
    return this.#size;
  }

  /** A call has submitted what will have these results: a future, or what a map or a stream is read from. */
  submitted(parent: RunningCall, results: object): void {
    let isFresh = true;
    let isAwaited = false;
    const began = () => {
      // Not whoever was handed the future, and waits elsewhere.
      if (isRunning(parent)) this.#began(parent.id, results);
      else if (isFresh) isAwaited = true;
    };
    const ended = () => {
      isAwaited = false;
      this.#ended(parent.id, results);
    };
    followWaits(results, { began, ended });
    if (results instanceof Future) onceDone(results, ended);
    void turns().then(() => {
      isFresh = false;
      if (isAwaited) this.#began(parent.id, results);
    });
  }

  /** A call waits for a future of another one, whoever has submitted that. */
  awaits(id: number, future: object, whenDone: (listener: () => void) => void): void {
    this.#began(id, future);
    whenDone(() => this.#ended(id, future));
  }

  /** Whether a call waits for something. */
  waits(parent: number): boolean {
    return this.#awaited.has(parent);
  }

  #began(parent: number, what: object): void {
    let awaited = this.#awaited.get(parent);
    if (awaited === undefined) {
      awaited = new Set();
      this.#awaited.set(parent, awaited);
    }
    if (awaited.has(what)) return;
    awaited.add(what);
    this.#size++;
    this.#onChange();
  }

  #ended(parent: number, what: object): void {
    const awaited = this.#awaited.get(parent);
    if (awaited?.delete(what) !== true) return;
    if (awaited.size === 0) this.#awaited.delete(parent);
    this.#size--;
    this.#onChange();
  }
}

/** Whether this is code of that call. */
function isRunning({ id, worker }: RunningCall): boolean {
  const call = marksHere()?.current();
  return call?.id === id && call.worker === worker;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}
