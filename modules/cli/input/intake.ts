// The jobs, taken from the input one by one or some at a time, hardly further than they are needed.

import type { Item, Job } from "./item.ts";
import type { Input } from "./open_input.ts";

/** What a run takes its jobs from. */
export class Intake {
  readonly #items: AsyncIterator<readonly Item[], unknown>;
  readonly #isDone: (item: Item) => boolean;
  #total: number | undefined;
  #batch: readonly Item[] = [];
  #at = 0;
  /** The batch behind that one; undefined in it is the end. */
  #ahead: Promise<readonly Item[] | undefined> | undefined = undefined;
  #taken = 0;
  #skipped = 0;
  #ended = false;
  #asked: Promise<void> | undefined = undefined;

  /** @param isDone Tells of an item whether an earlier run has done it; asked once for each, in order. */
  constructor({ items, total }: Input, isDone: (item: Item) => boolean) {
    this.#items = items;
    this.#isDone = isDone;
    this.#total = total;
  }

  /** How many there are, as soon as that is known. */
  get total(): number | undefined {
    return this.#total;
  }

  /** How many were read, those of an earlier run included. */
  get taken(): number {
    return this.#taken;
  }

  /** How many were left out because an earlier run has done them. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Whether `more` has to be awaited before there is anything to take. */
  get isEmpty(): boolean {
    return this.#at >= this.#batch.length;
  }

  /** Whether there is nothing more to take. */
  get ended(): boolean {
    return this.#ended && this.isEmpty;
  }

  /** Takes up to `most` jobs of those that are there already; none if `more` has to be awaited first. */
  take(most: number): Job[] {
    const jobs: Job[] = [];
    while (jobs.length < most && this.#at < this.#batch.length) {
      const item = this.#batch[this.#at++] as Item;
      this.#taken++;
      if (this.#isDone(item)) this.#skipped++;
      else jobs.push({ seq: this.#taken, turn: this.#taken - this.#skipped - 1, item });
    }
    return jobs;
  }

  /** Resolves when there is something to take, or never will be. */
  more(): Promise<void> {
    if (!this.isEmpty || this.#ended) return Promise.resolve();
    this.#asked ??= this.#read();
    return this.#asked;
  }

  /** Takes nothing more. */
  stop(): void {
    this.#ended = true;
    this.#batch = [];
    this.#at = 0;
    // Not awaited: a generator that waits for its source comes to its end only with that.
    void this.#items.return?.()?.catch(() => {});
  }

  async #read(): Promise<void> {
    try {
      const batch = await (this.#ahead ?? this.#next());
      if (this.#ended) return;
      this.#ended = batch === undefined;
      [this.#batch, this.#at] = [batch ?? [], 0];
      if (batch === undefined) return;
      // One batch ahead: where it is the end, it is known from now on how many there are.
      this.#ahead = this.#next();
      this.#ahead.catch(() => {});
    } finally {
      this.#asked = undefined;
    }
  }

  async #next(): Promise<readonly Item[] | undefined> {
    const { done, value } = await this.#items.next();
    if (!done) return value;
    this.#total = this.#taken + this.#batch.length - this.#at;
    return undefined;
  }
}
