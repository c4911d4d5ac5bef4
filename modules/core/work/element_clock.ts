// ElementClock: tells of each element of a map when it has been there for so long. They come in order, and so do their times.

import { Fifo } from "../fifo.ts";
import type { Alarm, Alarms } from "../time/alarms.ts";

/** The clock of the elements of one map. */
export class ElementClock {
  readonly #alarms: Alarms;
  readonly #ms: number;
  readonly #onDue: (first: number, end: number) => void;
  /** When each is due, from the element `#first` on. */
  readonly #times = new Fifo<number>();
  #first = 0;
  #alarm: Alarm | undefined = undefined;

  /** @param onDue Told of the elements from `first` on, before `end`, that have been there for `ms` milliseconds. */
  constructor(alarms: Alarms, ms: number, onDue: (first: number, end: number) => void) {
    this.#alarms = alarms;
    this.#ms = ms;
    this.#onDue = onDue;
  }

  /** The next element has come. */
  add(): void {
    this.#times.push(performance.now() + this.#ms);
    if (this.#alarm === undefined) this.#set();
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#times.clear();
    if (this.#alarm !== undefined) this.#alarms.clear(this.#alarm);
    this.#alarm = undefined;
  }

  #set(): void {
    const due = this.#times.first;
    if (due !== undefined)
      this.#alarm = this.#alarms.set(due - performance.now(), () => this.#ring());
  }

  #ring(): void {
    this.#alarm = undefined;
    const first = this.#first;
    const now = performance.now();
    for (let due = this.#times.first; due !== undefined && due <= now; due = this.#times.first) {
      this.#times.shift();
      this.#first++;
    }
    const end = this.#first;
    this.#set();
    if (end > first) this.#onDue(first, end);
  }
}
