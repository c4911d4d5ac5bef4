// Window: the calls one worker was sent and has not reported, in order.

import type { ClaimTable } from "../memory/claims.ts";
import { CELLS } from "../memory/shared_memory.ts";
import type { Call, Work } from "../work/work.ts";

const MASK = CELLS - 1;

/**
 * A ring of calls, numbered per worker in the order sent (`seq`): those from `head` to `next - 1` are in the window.
 * A place is empty where the call was taken back: the worker passes over it.
 */
export class Window {
  readonly #claims: ClaimTable | undefined;
  readonly #onLeft: ((work: Work) => void) | undefined;
  readonly #works: (Work | undefined)[] = [];
  readonly #indexes: number[] = [];
  #head = 0;
  #next = 0;
  #live = 0;
  /** Without claims: the last call the worker has said it begins, where it says so of each. */
  #lastBegun: number | undefined;

  /**
   * @param isAnnounced Whether the worker says of each call that it begins, and that word always arrives.
   * @param onLeft Told of each call that was sent and is in the window no more.
   */
  constructor(claims: ClaimTable | undefined, isAnnounced = false, onLeft?: (work: Work) => void) {
    this.#claims = claims;
    this.#onLeft = onLeft;
    this.#lastBegun = isAnnounced && claims === undefined ? -1 : undefined;
  }

  /** Whether a call can be taken back. */
  get canTakeBack(): boolean {
    return this.#claims !== undefined;
  }

  get head(): number {
    return this.#head;
  }

  get next(): number {
    return this.#next;
  }

  /** How many places there are, empty ones included. */
  get size(): number {
    return this.#next - this.#head;
  }

  /** How many calls were not taken back. */
  get live(): number {
    return this.#live;
  }

  /** The work whose call this is, unless it was taken back, or is not in the window (any more). */
  workAt(seq: number): Work | undefined {
    return seq >= this.#head && seq < this.#next ? this.#works[seq & MASK] : undefined;
  }

  /** The call's index in its work. */
  indexAt(seq: number): number {
    return this.#indexes[seq & MASK] as number;
  }

  /** The first call that was not taken back. */
  get front(): number | undefined {
    if (this.#live === 0) return undefined;
    let seq = this.#head;
    while (this.#works[seq & MASK] === undefined) seq++;
    return seq;
  }

  /** The same call with its work, under the same conditions. */
  callAt(seq: number): Call | undefined {
    const work = this.workAt(seq);
    return work === undefined ? undefined : { work, index: this.indexAt(seq) };
  }

  get frontCall(): Call | undefined {
    return this.#live === 0 ? undefined : this.callAt(this.front as number);
  }

  /** All that were not taken back, in order. */
  *calls(): Generator<Call> {
    for (let seq = this.#head; seq < this.#next; seq++) {
      const call = this.callAt(seq);
      if (call !== undefined) yield call;
    }
  }

  /** The work of the first call that was not taken back. */
  get frontWork(): Work | undefined {
    return this.#live === 0 ? undefined : this.#works[(this.front as number) & MASK];
  }

  /** The work of the last one. */
  get last(): Work | undefined {
    if (this.#live === 0) return undefined;
    let seq = this.#next - 1;
    while (this.#works[seq & MASK] === undefined) seq--;
    return this.#works[seq & MASK];
  }

  /** Puts a call behind the others, and offers it to the worker. */
  push(work: Work, index: number): number {
    const seq = this.#next++;
    this.#works[seq & MASK] = work;
    this.#indexes[seq & MASK] = index;
    this.#live++;
    this.#claims?.offer(seq);
    return seq;
  }

  /** Takes out the call at the head, which has been reported; undefined if it was taken back. */
  shift(): Work | undefined {
    const at = this.#head++ & MASK;
    const work = this.#works[at];
    if (work === undefined) return undefined;
    this.#works[at] = undefined;
    this.#live--;
    this.#onLeft?.(work);
    return work;
  }

  /** Takes a call back; false if it has begun. */
  takeBack(seq: number): boolean {
    const work = this.workAt(seq);
    if (work === undefined || this.#claims?.withdraw(seq) !== true) return false;
    this.#works[seq & MASK] = undefined;
    this.#live--;
    this.#onLeft?.(work);
    return true;
  }

  /**
   * Takes back what waits behind the call in front; in order.
   *
   * From the back: the worker goes on meanwhile, and whatever it begins next must come before all that is taken from it
   * (invariant 10).
   */
  takeBackBehindFront(): Call[] {
    return this.#takeBackFrom((this.front ?? this.#next) + 1);
  }

  /** Takes back all that has not begun of one work; in order. */
  takeBackOf(of: Work): Call[] {
    return this.#takeBackFrom(this.#head, of);
  }

  #takeBackFrom(first: number, of?: Work): Call[] {
    const taken: Call[] = [];
    for (let seq = this.#next - 1; seq >= first; seq--) {
      const work = this.workAt(seq);
      if (work === undefined || (of !== undefined && work !== of)) continue;
      // It has begun, and so has all before it.
      if (!this.takeBack(seq)) break;
      taken.push({ work, index: this.indexAt(seq) });
    }
    return taken.reverse();
  }

  /**
   * Takes out the calls from `seq` on, which were never sent after all, for the caller to take on (they have not `left`), but
   * for those taken back meanwhile; and for those
   * that have begun: what was published before the sending failed may still be found by a worker that lives on, as in
   * `clear`, and is lost with it.
   */
  unsend(seq: number): Call[] {
    const calls: Call[] = [];
    for (let last = this.#next - 1; last >= seq; last--) {
      const work = this.workAt(last);
      if (work !== undefined) {
        if (this.#claims?.withdraw(last) === false) break;
        calls.push({ work, index: this.indexAt(last) });
        this.#works[last & MASK] = undefined;
        this.#live--;
      }
      this.#next = last;
    }
    return calls.reverse();
  }

  /** The same of calls that nobody takes on: they have failed. */
  drop(seq: number): void {
    for (const { work } of this.unsend(seq)) this.#onLeft?.(work);
  }

  /**
   * Takes everything out: what had begun, and what had not. A worker that was given up may live on, as a thread that could
   * not be stopped: what had not begun is taken back from it, or it would run twice; from the back, as it goes on.
   */
  clear(): { begun: Call[]; waiting: Call[] } {
    const begun: Call[] = [];
    const waiting: Call[] = [];
    for (let seq = this.#next - 1; seq >= this.#head; seq--) {
      const work = this.workAt(seq);
      if (work === undefined) continue;
      (this.#reclaim(seq) ? waiting : begun).push({ work, index: this.indexAt(seq) });
      this.#works[seq & MASK] = undefined;
      this.#onLeft?.(work);
    }
    this.#head = this.#next;
    this.#live = 0;
    return { begun: begun.reverse(), waiting: waiting.reverse() };
  }

  /** Whether the worker has begun a call; without claims, whether it may have. */
  hasBegun(seq: number): boolean {
    return this.#claims?.hasBegun(seq) ?? true;
  }

  /** The worker says that it begins a call. */
  noteBegun(seq: number): void {
    if (this.#lastBegun !== undefined) this.#lastBegun = seq;
  }

  /** Whether it is certain, of a worker that does nothing more, that it has not begun a call. */
  isWaiting(seq: number): boolean {
    return this.#lastBegun === undefined ? !this.hasBegun(seq) : seq > this.#lastBegun;
  }

  /** Makes certain that a call has not begun, and never will there; false if it has. */
  #reclaim(seq: number): boolean {
    return this.#claims === undefined ? this.isWaiting(seq) : this.#claims.withdraw(seq);
  }

  /** Whether the worker has begun a call behind this one. */
  hasPassed(seq: number): boolean {
    for (let next = seq + 1; next < this.#next; next++) {
      if (this.workAt(next) !== undefined && this.hasBegun(next)) return true;
    }
    return false;
  }
}
