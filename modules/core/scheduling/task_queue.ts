// The one queue: first in, first out among equal priorities, higher priorities first.

import type { Work } from "../work/work.ts";

/** A line of works with equal priority. Taking from the front moves an index instead of every element. */
class Line {
  readonly priority: number;
  works: (Work | undefined)[] = [];
  head = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  get length(): number {
    return this.works.length - this.head;
  }

  push(work: Work): void {
    this.works.push(work);
  }

  /** Puts a work behind those that came before it, of which there are few at the front, or none. */
  putBack(work: Work): void {
    let at = this.head;
    while (at < this.works.length && (this.works[at] as Work).order < work.order) at++;
    if (at === this.head && at > 0) this.works[--this.head] = work;
    else this.works.splice(at, 0, work);
  }

  /** The first work that has a call waiting; those before it leave the queue. */
  front(): Work | undefined {
    while (this.head < this.works.length) {
      const work = this.works[this.head] as Work;
      if (work.waiting > 0) return work;
      work.queued = false;
      this.works[this.head++] = undefined;
      if (this.head >= 1024 && this.head * 2 >= this.works.length) this.#trim();
    }
    if (this.head > 0) this.#trim();
    return undefined;
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

/** Holds the works that have calls waiting. */
export class TaskQueue {
  /** Highest priority first. Nearly always one. */
  #lines: Line[] = [];
  #dropped = 0;

  /** Adds a work at the end of its line; does nothing if it is in the queue. */
  push(work: Work): void {
    if (work.queued) return;
    work.queued = true;
    this.#line(work.terms.priority).push(work);
  }

  /** Puts a work back where it came from: before all others of its priority that came later. */
  putBack(work: Work): void {
    if (work.queued) return;
    work.queued = true;
    this.#line(work.terms.priority).putBack(work);
  }

  /** The work whose call is next. */
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

  /** Tells that a work has no call waiting any more: a queue of cancelled works must not keep its size. */
  dropped(): void {
    this.#dropped++;
    if (this.#dropped < 1024) return;
    const length = this.#lines.reduce((sum, line) => sum + line.length, 0);
    if (this.#dropped * 2 < length) return;
    for (const line of this.#lines) line.compact();
    this.#dropped = 0;
  }

  /** Takes everything out. */
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
    let at = 0;
    while (at < this.#lines.length && (this.#lines[at] as Line).priority > priority) at++;
    const found = this.#lines[at];
    if (found?.priority === priority) return found;
    const line = new Line(priority);
    this.#lines.splice(at, 0, line);
    return line;
  }
}
