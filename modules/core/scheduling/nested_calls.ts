// NestedCalls: what calls of the same executor have submitted and wait for. While all slots are held by such calls, and what
// they wait for waits for a slot, none of them could ever end: one more is lent.
//
// Whose call it is that submits is known to async contexts, or, where there are none, before its first `await`. Who goes on
// with its work while what it has submitted waits is lent nothing, for `maxWorkers` is a promise, too.

import { Future, onceDone } from "../future.ts";
import { followWaits } from "../waits.ts";

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
  submitted(parent: number, results: object): void {
    const ended = () => this.#ended(parent, results);
    followWaits(results, { began: () => this.#began(parent, results), ended });
    if (results instanceof Future) onceDone(results, ended);
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
