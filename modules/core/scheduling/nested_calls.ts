// NestedCalls: calls that calls of the same executor have submitted and wait for. While all slots are held by such, and what
// they wait for waits for a slot, none of them could ever end: one more is lent.
//
// Who waits is known of who submits before its first `await`, as a task finds its context, and awaits the future at once. Of
// others nobody can tell it from one that goes on with its work: to those nothing is lent, for `maxWorkers` is a promise, too.

import { type Future, onceDone, wasLookedAt } from "../future.ts";

/** In so many turns of the microtasks an `await` that stands beside the `submit`, or in `Promise.all`, has been begun. */
const TURNS = 4;

/** The nested calls of one executor. */
export class NestedCalls {
  /** By the id of the call that waits for them. */
  readonly #children = new Map<number, Set<Future<unknown>>>();
  readonly #onChange: () => void;
  #size = 0;

  /** @param onChange Told when a call begins to wait for one of these, or has ended to. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** How many there are that are waited for. */
  get size(): number {
    return this.#size;
  }

  /** A call has submitted another. */
  async submitted(parent: number, future: Future<unknown>): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await undefined;
    if (future.done() || !wasLookedAt(future)) return;
    let children = this.#children.get(parent);
    if (children === undefined) {
      children = new Set();
      this.#children.set(parent, children);
    }
    children.add(future);
    this.#size++;
    onceDone(future, () => this.#settled(parent, future));
    this.#onChange();
  }

  /** Whether a call waits for another. */
  waits(parent: number): boolean {
    return this.#children.has(parent);
  }

  #settled(parent: number, future: Future<unknown>): void {
    const children = this.#children.get(parent);
    children?.delete(future);
    if (children?.size === 0) this.#children.delete(parent);
    this.#size--;
    this.#onChange();
  }
}
