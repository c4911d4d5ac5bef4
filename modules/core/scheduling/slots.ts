// Slots: who of an executor's calls holds a slot while it waits for whom. While all that run wait for calls that wait for a slot,
// one more is lent (nested_calls.ts); and whoever looks for deadlocks among its locks sees the executor through here.

import type { RunningCall } from "../async_context.ts";
import type { Crowd } from "../call_links.ts";
import type { Crew } from "./crew.ts";
import type { Ledger } from "./ledger.ts";
import { NestedCalls } from "./nested_calls.ts";
import { argumentsOf, type WorkQueue } from "./task_queue.ts";
import type { Trays } from "./trays.ts";

/** The slots of one executor. */
export class Slots implements Crowd {
  readonly #queue: WorkQueue;
  readonly #crew: Crew;
  readonly #ledger: Ledger;
  readonly #onChange: () => void;
  /** Set with the first call that is for one worker. */
  trays: Trays | undefined = undefined;
  /** Made for the first call that one of this executor's submits to it. */
  #nested: NestedCalls | undefined = undefined;
  /** Whoever wants to know that calls begin, end, or wait for a slot. */
  #watchers: Set<() => void> | undefined = undefined;

  /** @param onChange Told when a call begins to wait for another one, or has ended to: a slot may be lent, or taken back. */
  constructor(queue: WorkQueue, crew: Crew, ledger: Ledger, onChange: () => void) {
    this.#queue = queue;
    this.#crew = crew;
    this.#ledger = ledger;
    this.#onChange = onChange;
  }

  /** A call that runs on this event loop has submitted what will have these results; it counts if the former runs here. */
  submitted(parent: RunningCall, results: object): void {
    if (![...this.#crew.workers].some(({ identity }) => identity === parent.worker)) return;
    this.#withNested().submitted(parent, results);
  }

  /** A call of this event loop that waits for another one holds a slot that this may need. */
  awaitsCall(id: number, future: object, whenDone: (listener: () => void) => void): void {
    this.#withNested().awaits(id, future, whenDone);
  }

  isHeldBy(ids: ReadonlySet<number>): boolean {
    const nested = this.#nested;
    // One more slot is about to be lent.
    if (nested !== undefined && this.#crew.lent < nested.size && this.#isLending(nested))
      return false;
    return this.#crew.isHeldBy((id) => ids.has(id));
  }

  awaits(isIt: (argument: unknown) => boolean): boolean {
    return this.#queue.awaits(isIt) || this.trays?.awaits(isIt) === true;
  }

  brings(isIt: (argument: unknown) => boolean, but: ReadonlySet<number>): boolean {
    const isHeld = this.isHeldBy(but);
    if (!isHeld && (this.#queue.awaits(isIt) || this.#ledger.awaits(isIt))) return true;
    for (const worker of this.#crew.workers) {
      const { frontCall: front } = worker.window;
      const waits = front !== undefined && but.has(front.work.id(front.index));
      // What stands behind one of these is taken back once there is a free slot; what is for its worker alone waits for it.
      if (!waits && this.trays?.awaits(isIt, worker) === true) return true;
      for (const { work, index } of waits && isHeld ? [] : worker.window.calls()) {
        if (but.has(work.id(index)) || work.isSettled(index)) continue;
        if (argumentsOf(work, index).some(isIt)) return true;
      }
    }
    return false;
  }

  watch(onChange: () => void): () => void {
    this.#watchers ??= new Set();
    this.#watchers.add(onChange);
    return () => this.#watchers?.delete(onChange);
  }

  get isWatched(): boolean {
    return this.#watchers !== undefined && this.#watchers.size > 0;
  }

  /** To be called before calls are sent: what a key was lent is taken back before another call of it begins. */
  adjustKeys(): void {
    const nested = this.#nested;
    if (nested !== undefined) this.#queue.lend?.(this.#crew.keysOf((id) => nested.waits(id)));
  }

  /**
   * To be called after calls were sent: tells those who watch, and lends one more slot where all that run wait for what waits.
   *
   * @param isWaiting Whether a call waits for a slot.
   */
  adjust(isWaiting: boolean): void {
    for (const tell of this.#watchers ?? []) queueMicrotask(tell);
    const nested = this.#nested;
    if (nested === undefined) return;
    const crew = this.#crew;
    crew.lent = Math.min(crew.lent, nested.size);
    if (isWaiting && crew.lent < nested.size && this.#isLending(nested)) crew.lent++;
  }

  #withNested(): NestedCalls {
    this.#nested ??= new NestedCalls(this.#onChange);
    return this.#nested;
  }

  /** Whether all that run wait for what they have submitted here. */
  #isLending(nested: NestedCalls): boolean {
    return this.#crew.isHeldBy((id) => nested.waits(id));
  }
}
