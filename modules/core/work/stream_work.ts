// StreamWork: the work behind one stream — a call that hands out items while it runs, and what of them has come and is not read.

import { type CallsWait, waitForCalls } from "../call_waits.ts";
import { type CancelledError, TimeoutError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import { type Outcome, openCalls } from "../future.ts";
import type { Key } from "../key.ts";
import { KeepAlive } from "../time/keep_alive.ts";
import { Timer } from "../time/timer.ts";
import { beginWait, endWait } from "../waits.ts";
import { SingleWork } from "./single_work.ts";
import type { ItemEar, ItemLink, Terms } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** Items that came together. */
interface Batch {
  readonly items: unknown[];
  readonly errors: ReadonlyMap<number, unknown>;
  /** What the last of them takes of the credit; the others take one each. */
  readonly lastCost: number;
}

/** What is handed to a reader, unless it is an item: what was thrown in its place. */
class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

type Result = IteratorResult<unknown, unknown>;

/** A call that has many results. Its future has the last one: what the generator returns. */
export class StreamWork extends SingleWork {
  readonly #ahead: number;
  /** The most that may be made ahead: more than that where nobody has said how much, and the reader is fast. */
  readonly #most: number;
  /** What may be made ahead now: what may still be made, is not read, and is not granted. */
  #window: number;
  /** When it was last let make more. */
  #grantedAt = 0;
  readonly #batches = new Fifo<Batch>();
  /** How many of the first batch are read. */
  #at = 0;
  readonly #readers = new Fifo<PromiseWithResolvers<Result>>();
  #calls: CallsWait | undefined = undefined;
  #link: ItemLink | undefined = undefined;
  /** What the producer may still make, as far as is known here. */
  #credit = 0;
  /** What was read and is not granted yet. */
  #owed = 0;
  /** That is about to be granted. */
  #isGranting = false;
  /** Whether an item has ever come: from then on the call is not run again. */
  #hasCome = false;
  /** Whether nobody reads any more, or all is read. */
  #isOver = false;
  #endsWithError = false;
  /** Resolves when the producer has ended that nobody reads any more. */
  #ended: PromiseWithResolvers<void> | undefined = undefined;

  readonly #itemTimeout: number;
  readonly #timer = new Timer();
  /** Since when the producer is silent. */
  #silentSince = 0;

  constructor(
    owner: WorkOwner,
    terms: Terms,
    id: number,
    args: unknown[],
    trace?: string,
    key?: Key,
  ) {
    super(owner, terms, id, args, trace, key);
    this.#ahead = terms.source.stream as number;
    this.#window = this.#ahead;
    this.#most = terms.options.buffer === undefined ? MOST_AHEAD : this.#ahead;
    this.#itemTimeout = terms.options.itemTimeout ?? Number.POSITIVE_INFINITY;
  }

  /** The next item, as a reader awaits it. */
  read(): Promise<Result> {
    if (this.#readers.size === 0) {
      const next = this.#next();
      if (next !== undefined)
        return next instanceof Thrown ? this.#throw(next.error) : Promise.resolve(next);
    }
    const reader = Promise.withResolvers<Result>();
    this.#readers.push(reader);
    beginWait(this);
    if (this.#readers.size === 1)
      this.#calls = waitForCalls({ all: () => openCalls([this.future]) });
    return reader.promise;
  }

  /** From now on an error in the place of an item ends it: a loop is left by that, and tells nobody. */
  endWithError(): void {
    this.#endsWithError = true;
  }

  /**
   * Reads no more: the producer is interrupted, if it still runs.
   *
   * @returns Resolves when it has ended, its `finally` included, or its worker was.
   */
  async leave(): Promise<void> {
    // Cancelled before, it may take its time.
    if (this.#link !== undefined) this.#ended ??= Promise.withResolvers();
    if (!this.#isOver) {
      this.#isOver = true;
      this.#batches.clear();
      this.#timer.clear();
      this.future.cancel({ interrupt: true });
      this.#look();
      this.#deliver();
    }
    if (this.#ended === undefined) return;
    // The call is settled for its user, and holds the program no longer; whoever waits here does.
    const keepAlive = new KeepAlive();
    keepAlive.hold();
    await this.#ended.promise;
    keepAlive.close();
  }

  // As Work.

  opened(_index: number, link: ItemLink): ItemEar {
    this.#link = link;
    this.#window = this.#ahead;
    this.#credit = this.#ahead;
    this.#owed = 0;
    this.#grantedAt = performance.now();
    this.#listen();
    return {
      took: (items, errors, cost) => this.#took(items, errors, cost),
      ended: () => {
        this.#link = undefined;
        this.#timer.clear();
        this.ended();
      },
    };
  }

  /** What was read once would come again. */
  override failuresOf(): number | undefined {
    return this.#hasCome ? undefined : super.failuresOf();
  }

  override interrupt(reason: CancelledError | TimeoutError): void {
    this.#awaitEnd();
    super.interrupt(reason);
    // What had been sent and not begun was taken back by that, unless its worker was faster.
    this.#awaitEnd();
  }

  // What comes of a call that is settled is its end in fact.

  override succeed(index: number, value: unknown): void {
    if (this.future.done()) this.ended();
    super.succeed(index, value);
  }

  override fail(index: number, error: unknown): void {
    if (this.future.done()) this.ended();
    super.fail(index, error);
  }

  /** It had not begun, after all. */
  override giveBack(): void {
    this.ended();
    super.giveBack();
  }

  /** Its code has ended, whatever became of its future before. */
  ended(): void {
    this.#ended?.resolve();
  }

  override settled(outcome: Outcome): void {
    super.settled(outcome);
    // An observer may cancel a call in the moment in which it is made.
    if (!(#timer in this)) return;
    this.#timer.clear();
    this.#deliver();
  }

  #took(items: readonly unknown[], errors: ReadonlyMap<number, unknown>, cost: number): void {
    this.#hasCome = true;
    this.#credit -= cost;
    this.#listen();
    if (this.#isOver || this.future.done()) return;
    this.#batches.push({ items: items as unknown[], errors, lastCost: cost - items.length + 1 });
    this.#deliver();
  }

  #deliver(): void {
    while (this.#readers.size > 0) {
      const next = this.#next();
      if (next === undefined) return;
      const reader = this.#readers.shift() as PromiseWithResolvers<Result>;
      if (!(next instanceof Thrown)) reader.resolve(next);
      else if (this.#isLeftByError) void this.leave().then(() => reader.reject(next.error));
      // At once: who asked for the next one learns of it later.
      else reader.reject(next.error);
    }
    endWait(this);
    this.#calls?.end();
    this.#calls = undefined;
  }

  async #throw(error: unknown): Promise<never> {
    if (this.#isLeftByError) await this.leave();
    throw error;
  }

  /** Whether it is left before its reader hears of an error. */
  get #isLeftByError(): boolean {
    return this.#endsWithError && !this.#isOver;
  }

  /** What comes next; undefined where it has not come. */
  #next(): Result | Thrown | undefined {
    const batch = this.#batches.first;
    if (batch !== undefined) return this.#take(batch);
    if (this.#isOver) return { done: true, value: undefined };
    if (!this.future.done()) return undefined;
    this.#isOver = true;
    const outcome = this.future.snapshot();
    if (!("error" in outcome)) return { done: true, value: outcome.value };
    // What is thrown here is seen: it need not be reported as well.
    this.#look();
    return new Thrown(outcome.error);
  }

  #take(batch: Batch): Result | Thrown {
    const { items, errors, lastCost } = batch;
    const at = this.#at++;
    const value = items[at];
    items[at] = undefined;
    const isLast = this.#at === items.length;
    if (isLast) {
      this.#batches.shift();
      this.#at = 0;
    }
    this.#owed += isLast ? lastCost : 1;
    if (2 * this.#owed >= this.#window && !this.#isGranting) void this.#grantSoon();
    return errors.size > 0 && errors.has(at) ? new Thrown(errors.get(at)) : { done: false, value };
  }

  /**
   * Lets it make as much again as was taken, once its reader takes no more in this turn: a reader that is fast costs half the
   * messages. To one that waits more is on its way, if it may be; less than a quarter holds the producer up.
   */
  async #grantSoon(): Promise<void> {
    this.#isGranting = true;
    for (let before = -1; before !== this.#owed; ) {
      before = this.#owed;
      for (let turn = 0; turn < READ_TURNS; turn++) await undefined;
    }
    this.#isGranting = false;
    const isOnItsWay = this.#readers.size > 0 && this.#credit > 0;
    if (isOnItsWay && 4 * this.#owed < 3 * this.#window) return;
    if (this.#most > this.#ahead) this.#resize();
    if (this.#owed > 0) this.#grant();
  }

  /**
   * Where nobody has said how much may be made ahead: twice as much, if a reader that waits has read what was ahead within a
   * moment, for then it waits for messages; else half of it, down to what it was at first.
   */
  #resize(): void {
    const since = this.#grantedAt;
    this.#grantedAt = performance.now();
    const isFast = this.#readers.size > 0 && this.#grantedAt - since <= FAST_MS;
    const window = isFast
      ? Math.min(2 * this.#window, this.#most)
      : Math.max(this.#window / 2, this.#ahead);
    this.#owed += window - this.#window;
    this.#window = window;
  }

  #grant(): void {
    const owed = this.#owed;
    this.#owed = 0;
    const wasFull = this.#credit <= 0;
    this.#credit += owed;
    if (wasFull) this.#listen();
    this.#link?.grant(owed);
  }

  /** From now on the producer is silent, if there is anything that it may make. */
  #listen(): void {
    if (this.#itemTimeout === Number.POSITIVE_INFINITY) return;
    this.#silentSince = performance.now();
    if (this.#credit > 0 && !this.#timer.isSet) this.#watch(this.#itemTimeout);
  }

  #watch(ms: number): void {
    const due = performance.now() + ms;
    this.#timer.set(ms, () => {
      const now = performance.now();
      if (this.future.done() || this.#credit <= 0) return;
      // One that comes late was held up, and so were the items.
      if (now - due > LATE_MS) this.#silentSince = now;
      const left = this.#silentSince + this.#itemTimeout - now;
      if (left > 0) this.#watch(left);
      else this.#fallSilent();
    });
  }

  #fallSilent(): void {
    const what = `Cannot go on with task "${this.terms.name}": no item came for ${this.#itemTimeout} ms`;
    const error = new TimeoutError(what);
    this.interrupt(error);
    this.fail(0, error);
  }

  /** It has begun, and its first word may be on its way: whoever leaves, now or later, waits for its end. */
  #awaitEnd(): void {
    if (this.isAtWork) this.#ended ??= Promise.withResolvers();
  }

  #look(): void {
    this.future.then(undefined, () => {});
  }
}

/** Of items that come fast so many are made ahead where the task does not say how many … */
const MOST_AHEAD = 256;
/** … while what was ahead is made and read within so many milliseconds. */
const FAST_MS = 2;
/** In so many turns of the microtasks a loop that does nothing else has come for the next item. */
const READ_TURNS = 8;
/** A timer that is late by so many milliseconds tells of the host, and not of the producer. */
const LATE_MS = 10;
