// Fifo: first in, first out, at the same price however many there are. An array's `shift` moves all that stand behind.

/** A queue. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  /** The place of the first one. */
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The first one, which stays; undefined where there is none. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes out the first one; undefined where there is none. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    // More than half of it is empty: moving the rest costs no more than what was taken out has saved.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** From the first one on. Whoever goes through them changes none meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at] as T;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
