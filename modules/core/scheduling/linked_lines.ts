// LinkedLines: many lines of works, each sorted by the works' next calls, kept in one place. Where there are as many lines as keys, a
// list of its own for each costs more than all else that a key does.

import type { Work } from "../work/work.ts";

const NONE = -1;
/** So many places are kept while nothing waits. */
const KEPT = 1024;

/** One line: where it begins and ends. */
export class LinkedLine {
  head = NONE;
  tail = NONE;
  length = 0;
}

/** Keeps the works of lines. */
export class LinkedLines {
  readonly #works: (Work | undefined)[] = [];
  /** By the place of a work: that of the one behind it, or the next free place. */
  readonly #next: number[] = [];
  /** By the place of a work: its order when it came there. That of a `map` grows with each call that is taken. */
  readonly #orders: number[] = [];
  #free = NONE;
  #size = 0;

  /** Puts a work in its place: nearly always behind all others, and else near the front. */
  insert(line: LinkedLine, work: Work): void {
    const { order } = work;
    const at = this.#hold(work, order);
    line.length++;
    const { tail } = line;
    if (tail === NONE) {
      line.head = at;
      line.tail = at;
    } else if ((this.#orders[tail] as number) < order) {
      this.#next[tail] = at;
      line.tail = at;
    } else {
      let before = NONE;
      let behind = line.head;
      while ((this.#orders[behind] as number) < order) {
        before = behind;
        behind = this.#next[behind] as number;
      }
      this.#next[at] = behind;
      if (before === NONE) line.head = at;
      else this.#next[before] = at;
    }
  }

  /** Takes a work out. */
  remove(line: LinkedLine, work: Work): void {
    let before = NONE;
    for (let at = line.head; at !== NONE; at = this.#next[at] as number) {
      if (this.#works[at] === work) return this.#drop(line, before, at);
      before = at;
    }
  }

  /** The work whose call came first of all that wait; those before it leave the queue. */
  front(line: LinkedLine): Work | undefined {
    for (let at = line.head; at !== NONE; at = line.head) {
      const work = this.#works[at] as Work;
      const isWaiting = work.waiting > 0;
      const behind = this.#next[at] as number;
      if (isWaiting && (behind === NONE || work.order < (this.#orders[behind] as number)))
        return work;
      this.#drop(line, NONE, at);
      // What a `map` has next may have come after calls of others.
      if (isWaiting) this.insert(line, work);
      else work.queued = false;
    }
    return undefined;
  }

  /** Takes the first work out, whether it waits or not. */
  shift(line: LinkedLine): void {
    this.#drop(line, NONE, line.head);
  }

  /** Drops what was cancelled while it waited in the middle. */
  compact(line: LinkedLine): void {
    let before = NONE;
    for (let at = line.head; at !== NONE; ) {
      const next = this.#next[at] as number;
      const work = this.#works[at] as Work;
      if (work.waiting > 0) {
        before = at;
      } else {
        work.queued = false;
        this.#drop(line, before, at);
      }
      at = next;
    }
  }

  /** The works of a line, from the first one on. */
  *of(line: LinkedLine): Generator<Work> {
    for (let at = line.head; at !== NONE; at = this.#next[at] as number)
      yield this.#works[at] as Work;
  }

  /** Finds a place for a work, behind which there is none. */
  #hold(work: Work, order: number): number {
    this.#size++;
    const at = this.#free;
    if (at === NONE) {
      this.#next.push(NONE);
      this.#orders.push(order);
      return this.#works.push(work) - 1;
    }
    this.#free = this.#next[at] as number;
    this.#next[at] = NONE;
    this.#orders[at] = order;
    this.#works[at] = work;
    return at;
  }

  #drop(line: LinkedLine, before: number, at: number): void {
    const behind = this.#next[at] as number;
    if (before === NONE) line.head = behind;
    else this.#next[before] = behind;
    if (behind === NONE) line.tail = before;
    line.length--;
    this.#works[at] = undefined;
    this.#next[at] = this.#free;
    this.#free = at;
    this.#size--;
    if (this.#size === 0 && this.#works.length > KEPT) this.#shrink();
  }

  #shrink(): void {
    this.#works.length = 0;
    this.#next.length = 0;
    this.#orders.length = 0;
    this.#free = NONE;
  }
}
