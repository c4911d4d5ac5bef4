// The one queue: first in, first out among equal priorities, higher priorities first.

import { placeOf } from "../by_priority.ts";
import type { Key } from "../key.ts";
import type { Call, Work } from "../work/work.ts";

/**
 * The works of equal priority, sorted by their next call. Taking from the front moves an index instead of every element.
 */
export class Line {
  readonly priority: number;
  works: (Work | undefined)[] = [];
  head = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  get length(): number {
    return this.works.length - this.head;
  }

  /** Puts a work in its place: nearly always behind all others, and else near the front. */
  insert(work: Work): void {
    // Undefined where none is left: those that were taken are wiped out.
    const last = this.works[this.works.length - 1];
    if (last === undefined || last.order < work.order) {
      this.works.push(work);
      return;
    }
    const at = this.#placeOf(work);
    if (at === this.head && at > 0) this.works[--this.head] = work;
    else this.works.splice(at, 0, work);
  }

  /** Moves a work that has got an earlier call back. */
  raise(work: Work): void {
    const at = this.works.indexOf(work, this.head);
    if (at === this.head || (this.works[at - 1] as Work).order < work.order) return;
    this.works.splice(at, 1);
    this.insert(work);
  }

  /** Takes a work out. */
  remove(work: Work): void {
    const place = this.#placeOf(work);
    // A `map` that has got a call back may stand elsewhere than where that belongs.
    const at = this.works[place] === work ? place : this.works.indexOf(work, this.head);
    if (at >= 0) this.works.splice(at, 1);
  }

  /** Where a work belongs, by its next call. */
  #placeOf({ order }: Work): number {
    let [at, end] = [this.head, this.works.length];
    while (at < end) {
      const middle = (at + end) >> 1;
      if ((this.works[middle] as Work).order < order) at = middle + 1;
      else end = middle;
    }
    return at;
  }

  /** The work whose call came first of all that wait; those before it leave the queue. */
  front(): Work | undefined {
    while (this.head < this.works.length) {
      const work = this.works[this.head] as Work;
      const isWaiting = work.waiting > 0;
      const behind = this.works[this.head + 1];
      if (isWaiting && (behind === undefined || work.order < behind.order)) return work;
      this.works[this.head++] = undefined;
      // What a `map` has next may have come after calls of others.
      if (isWaiting) this.insert(work);
      else work.queued = false;
      if (this.head >= 1024 && this.head * 2 >= this.works.length) this.#trim();
    }
    if (this.head > 0) this.#trim();
    return undefined;
  }

  /** Where the work behind the first has its place. */
  get bound(): number {
    return this.works[this.head + 1]?.order ?? Number.POSITIVE_INFINITY;
  }

  /** Drops what was cancelled while it waited in the middle. */
  compact(): void {
    this.works = this.works.slice(this.head).filter((work) => {
      if ((work as Work).waiting > 0) return true;
      (work as Work).queued = false;
      return false;
    });
    this.head = 0;
  }

  #trim(): void {
    this.works = this.works.slice(this.head);
    this.head = 0;
  }
}

/** What holds the works of an executor that have calls waiting. */
export interface WorkQueue {
  /** Takes what does not belong here, but into a tray; true if it has. Undefined as long as there are none. */
  aside: ((work: Work) => boolean) | undefined;
  /** Adds a work that has calls waiting, or moves it where the first of them belongs: by the order they came in. */
  put(work: Work): void;
  /** Moves a work whose priority was another. */
  moved(work: Work, before: number): void;
  /** Gives calls back that have not begun, or that shall run again: each waits in its old place. */
  giveBack(calls: readonly Call[]): void;
  /** The work whose call is next. */
  front(): Work | undefined;
  /** The place of the work behind the front, of the same priority: only what came before that may be taken of the front. */
  readonly bound: number;
  /** How many calls could be handed out at most, were there workers. */
  readonly most: number;
  /** The next call of the front was taken. */
  took?(): void;
  /** A call that was taken is in no window any more. */
  left?(work: Work): void;
  /**
   * Lends a place to each key that is full of calls which wait for others, as those may be of the same key; takes back what was
   * lent to a key of which fewer wait than that.
   *
   * @param waiting How many calls of each key wait so.
   */
  lend?(waiting: ReadonlyMap<Key, number>): void;
  /** Tells that a work has no call waiting any more: a queue of cancelled works must not keep its size. */
  dropped(): void;
  /** The modules of all tasks that wait. */
  modules(): Set<string>;
  /** Whether a call that waits, the next of each work, has such an argument. */
  awaits(isIt: (argument: unknown) => boolean): boolean;
  /** Takes everything out. */
  drain(): Work[];
}

/** Holds the works that have calls waiting: first in, first out. */
export class TaskQueue implements WorkQueue {
  readonly most = Number.POSITIVE_INFINITY;
  /** Highest priority first. Nearly always one. */
  #lines: Line[] = [];
  #dropped = 0;
  aside: ((work: Work) => boolean) | undefined = undefined;

  put(work: Work): void {
    if (this.aside?.(work) === true) return;
    const line = this.#line(work.priority);
    if (work.queued) {
      line.raise(work);
      return;
    }
    work.queued = true;
    line.insert(work);
  }

  moved(work: Work, before: number): void {
    this.#line(before).remove(work);
    work.queued = false;
    this.put(work);
  }

  giveBack(calls: readonly Call[]): void {
    for (const { work, index } of calls.toReversed()) {
      work.giveBack(index);
      if (work.waiting > 0) this.put(work);
    }
  }

  front(): Work | undefined {
    while (this.#lines.length > 0) {
      const line = this.#lines[0] as Line;
      const work = line.front();
      if (work !== undefined) return work;
      if (this.#lines.length === 1) return undefined;
      this.#lines.shift();
    }
    return undefined;
  }

  get bound(): number {
    return (this.#lines[0] as Line).bound;
  }

  dropped(): void {
    this.#dropped++;
    if (this.#dropped < 1024) return;
    if (this.#dropped * 2 < this.size) return;
    for (const line of this.#lines) line.compact();
    this.#dropped = 0;
  }

  /** How many works there are, those included that have no call waiting any more. */
  get size(): number {
    return this.#lines.reduce((sum, line) => sum + line.length, 0);
  }

  modules(): Set<string> {
    return modulesOf(this.#lines);
  }

  awaits(isIt: (argument: unknown) => boolean): boolean {
    return awaitsIn(this.#lines, isIt);
  }

  drain(): Work[] {
    const works: Work[] = [];
    for (let work = this.front(); work !== undefined; work = this.front()) {
      const line = this.#lines[0] as Line;
      line.works[line.head++] = undefined;
      work.queued = false;
      works.push(work);
    }
    return works;
  }

  #line(priority: number): Line {
    const first = this.#lines[0];
    if (first?.priority === priority) return first;
    const at = placeOf(this.#lines, priority);
    const found = this.#lines[at];
    if (found?.priority === priority) return found;
    const line = new Line(priority);
    this.#lines.splice(at, 0, line);
    return line;
  }
}

/** Works that wait; undefined in the place of one that was taken. */
interface Works {
  readonly works: Iterable<Work | undefined>;
}

/** The modules of all tasks that wait in these lines. */
export function modulesOf(lines: Iterable<Works>): Set<string> {
  const modules = new Set<string>();
  for (const { works } of lines)
    for (const work of works) if (work !== undefined) modules.add(work.terms.source.module);
  return modules;
}

/** Whether a call that waits there, the next of each work, has such an argument. */
export function awaitsIn(lines: Iterable<Works>, isIt: (argument: unknown) => boolean): boolean {
  for (const { works } of lines) {
    for (const work of works) {
      if (work === undefined || work.waiting === 0) continue;
      const index = work.take();
      const args = argumentsOf(work, index);
      work.giveBack(index);
      if (args.some(isIt)) return true;
    }
  }
  return false;
}

/** What a call was given. */
export function argumentsOf(work: Work, index: number): readonly unknown[] {
  const args: unknown[] = [];
  work.pushArgs(index, args);
  return args;
}
