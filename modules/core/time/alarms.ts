// Alarms: many calls after some milliseconds each, on one timer: ten thousand calls that pause need no more than one.

import { Timer } from "./timer.ts";

/** One of them. */
export interface Alarm {
  /** When it is due, on the monotonic clock. */
  readonly due: number;
  /** What is to be done; undefined once it is done, or cleared. */
  act: (() => void) | undefined;
}

/** Cleared ones are kept until their turn, as long as no more than half of all are. */
const FEW = 1024;

/** Calls that are due some time, the first one first; those due at once in the order in which they were set. */
export class Alarms {
  /** A heap: none is due before the one at half its place. */
  #heap: { alarm: Alarm; turn: number }[] = [];
  #turns = 0;
  #cleared = 0;
  readonly #timer = new Timer();
  /** What the timer is set for. */
  #next = Number.POSITIVE_INFINITY;

  /** How many are to come. */
  get size(): number {
    return this.#heap.length - this.#cleared;
  }

  /** Has `act` called after so many milliseconds, never before. It must not throw. */
  set(ms: number, act: () => void): Alarm {
    const alarm: Alarm = { due: performance.now() + ms, act };
    this.#rise({ alarm, turn: this.#turns++ });
    this.#arm();
    return alarm;
  }

  /** Calls it no more. */
  clear(alarm: Alarm): void {
    if (alarm.act === undefined) return;
    alarm.act = undefined;
    this.#cleared++;
    if (this.#cleared < FEW || this.#cleared * 2 < this.#heap.length) {
      if (this.size === 0) this.stop();
      return;
    }
    const left = this.#heap.filter(({ alarm: { act } }) => act !== undefined);
    this.#heap = [];
    this.#cleared = 0;
    for (const entry of left) this.#rise(entry);
  }

  /** Calls none any more. */
  stop(): void {
    this.#heap = [];
    this.#cleared = 0;
    this.#timer.clear();
    this.#next = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    const due = this.#heap[0]?.alarm.due ?? Number.POSITIVE_INFINITY;
    if (due >= this.#next) return;
    this.#next = due;
    this.#timer.set(Math.max(0, due - performance.now()), () => this.#ring());
  }

  #ring(): void {
    this.#next = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      const { alarm } = first;
      // Timers may fire a little early, and take no longer time than 25 days.
      if (alarm.act !== undefined && alarm.due > now) break;
      this.#shift();
      const { act } = alarm;
      alarm.act = undefined;
      if (act === undefined) this.#cleared--;
      else act();
    }
    this.#arm();
  }

  /** Puts an entry in behind all that are due before it. */
  #rise(entry: { alarm: Alarm; turn: number }): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as typeof entry;
      if (!isBefore(entry, other)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = entry;
  }

  /** Takes the first one out. */
  #shift(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) below++;
      const first = heap[below] as typeof last;
      if (!isBefore(first, last)) break;
      heap[at] = first;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: { alarm: Alarm; turn: number }, b: { alarm: Alarm; turn: number }): boolean {
  return a.alarm.due < b.alarm.due || (a.alarm.due === b.alarm.due && a.turn < b.turn);
}
