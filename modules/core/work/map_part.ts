// MapPart: the elements of one map that have one key, where the executor has a limit for each key. The queue holds it in the
// place of the map, of which it is a part: what becomes of an element is the map's to know.

import type { CallersContext } from "../async_context.ts";
import type { Key } from "../key.ts";
import type { Transferred } from "../task.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import type { Terms, Verdict, Work } from "./work.ts";

/** The map, as its parts see it. */
export interface Partitioned extends Work {
  succeed(index: number, value: unknown, part?: Work): void;
  threw(index: number, error: unknown, part?: Work): void;
  /** Whether an element that comes back need not wait again; it is settled then. */
  refuses(index: number): boolean;
  /** A part has elements that wait, and had none. */
  filled(part: MapPart): void;
  /** It has none any more. */
  emptied(part: MapPart): void;
}

/** Elements that wait, of one key. */
export class MapPart implements Work {
  readonly terms: Terms;
  readonly key: Key | undefined;
  readonly #map: Partitioned;
  /** Those that wait, lowest first; the first `#head` are taken. */
  #indexes: number[] = [];
  #head = 0;
  queued = false;
  lane: object | undefined = undefined;
  /** Its place once nothing waits any more. */
  #lastOrder = 0;

  constructor(map: Partitioned, key: Key | undefined) {
    this.#map = map;
    this.terms = map.terms;
    this.key = key;
  }

  get whole(): Work {
    return this.#map;
  }

  get priority(): number {
    return this.#map.priority;
  }

  get chunkSize(): number | undefined {
    return this.#map.chunkSize;
  }

  get trace(): string | undefined {
    return this.#map.trace;
  }

  get context(): CallersContext | undefined {
    return this.#map.context;
  }

  get order(): number {
    const next = this.#indexes[this.#head];
    return next === undefined ? this.#lastOrder : this.id(next);
  }

  get waiting(): number {
    return this.#indexes.length - this.#head;
  }

  take(): number {
    const index = this.#indexes[this.#head++] as number;
    this.#lastOrder = this.id(index);
    if (this.#head * 2 > this.#indexes.length) {
      this.#indexes = this.#indexes.slice(this.#head);
      this.#head = 0;
    }
    if (this.waiting === 0) this.#map.emptied(this);
    return index;
  }

  giveBack(index: number): void {
    if (!this.#map.refuses(index)) this.add(index);
  }

  /** An element waits: nearly always the last, or one that came before all others. */
  add(index: number): void {
    if (this.waiting === 0) this.#map.filled(this);
    let at = this.#indexes.length;
    while (at > this.#head && (this.#indexes[at - 1] as number) > index) at--;
    this.#indexes.splice(at, 0, index);
  }

  /** Takes out an element that waits; false if it does not. */
  remove(index: number): boolean {
    const at = this.#indexes.indexOf(index, this.#head);
    if (at < 0) return false;
    this.#indexes.splice(at, 1);
    if (this.waiting === 0) this.#map.emptied(this);
    return true;
  }

  // What the map knows.

  id(index: number): number {
    return this.#map.id(index);
  }

  pushArgs(index: number, list: unknown[]): number {
    return this.#map.pushArgs(index, list);
  }

  pushCall(index: number, list: unknown[]): number {
    return this.#map.pushCall(index, list);
  }

  transfer(index: number): Transferred[] | undefined {
    return this.#map.transfer(index);
  }

  sent(): void {}

  started(index: number, worker: WorkerIdentity): void {
    this.#map.started(index, worker);
  }

  progressed(index: number, progress: Progress): void {
    this.#map.progressed(index, progress);
  }

  isSettled(index: number): boolean {
    return this.#map.isSettled(index);
  }

  succeed(index: number, value: unknown): void {
    this.#map.succeed(index, value, this);
  }

  fail(index: number, error: unknown): void {
    this.#map.fail(index, error);
  }

  threw(index: number, error: unknown): void {
    this.#map.threw(index, error, this);
  }

  giveUp(index: number, error: unknown): void {
    this.#map.giveUp(index, error);
  }

  verdictOf(index: number): Verdict | undefined {
    return this.#map.verdictOf(index);
  }

  cancel(index: number): void {
    this.#map.cancel(index);
  }

  /** Of the whole map: it ends as one. */
  cancelWaiting(): void {
    this.#map.cancelWaiting();
  }

  failWaiting(error: () => unknown): void {
    this.#map.failWaiting(error);
  }

  failuresOf(index: number): number | undefined {
    return this.#map.failuresOf(index);
  }

  rest(index: number, isAgain: boolean): void {
    this.#map.rest(index, isAgain);
  }
}
