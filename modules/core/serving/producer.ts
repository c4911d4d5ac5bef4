// Producer: makes the call of a generator into one that hands its items to the host over a link, and returns what the generator
// returns. A worker loads it with its first stream.

import { contextOfNow } from "../async_context.ts";
import { bufferBytes, bufferOf, isArrayBuffer, isView } from "../brand.ts";
import { typeName } from "../checks.ts";
import { CancelledError } from "../errors.ts";
import { CallLink, type LinkCode } from "../seam/call_link.ts";
import type { LinkWord } from "../seam/messages.ts";
import type { AnyFunction } from "../task.ts";
import { contextSlot, type LinkPlug, OPEN_LINK, type OpenContext } from "../task_context.ts";
import { turn } from "./server.ts";
import { type Steps, stepsOf } from "./steps.ts";

/** Items are gathered while they come at once, and sent after so many milliseconds at the latest. */
const GATHER_MS = 1;
/** After so many milliseconds of a generator that never waits, timers and messages get their turn: a close is one. */
const TURN_MS = 5;
/** Of an item that is bytes so many take one credit: of large ones fewer are made ahead. */
const BYTES_PER_CREDIT = 2 ** 20;

/**
 * Makes a task of a function that returns what has items; `ahead` of them are made before anybody has read one.
 *
 * @param code How the items cross, where they are copied.
 */
export function producerOf(fn: AnyFunction, ahead: number, code?: LinkCode): AnyFunction {
  const producer = (...args: unknown[]): Promise<unknown> => {
    const context = contextSlot.current?.();
    if (context === undefined) throw new ReferenceError("Cannot stream: no task is running here");
    const stream = new Producer(context, ahead, code);
    // Here, and not behind an await: where tasks share a realm, it finds its context only now.
    return stream.run(fn(...args));
  };
  // For messages about it.
  return Object.defineProperty(producer, "name", { value: fn.name });
}

/** One stream, in the worker. */
class Producer {
  readonly #signal: AbortSignal;
  readonly #plug: LinkPlug;
  readonly #link: CallLink;
  /** The context of the call: who ends it has another. */
  readonly #enter = contextOfNow();
  /** Items that are made and not sent, and what they take of the credit. */
  #gathered: unknown[] = [];
  #cost = 0;
  /** So many are sent together, where they come fast. */
  #portion = 1;
  /** When something was sent last, and when the event loop last turned. */
  #sentAt = 0;
  #turnedAt = 0;
  #isFlushBooked = false;
  #isStepping = false;
  #closing: Promise<void> | undefined = undefined;
  /** Wakes it where it waits for credit. */
  #wake: (() => void) | undefined = undefined;

  constructor(context: OpenContext, ahead: number, code: LinkCode | undefined) {
    this.#signal = context.signal;
    const hear = (word: LinkWord | undefined) => {
      if (word === undefined) this.#link.end({ by: "settled" });
      else this.#link.hear(word);
    };
    this.#plug = context[OPEN_LINK]("stream", hear, () => void this.#flush());
    const action = `Cannot yield from task "${this.#plug.taskName}"`;
    const wake = () => this.#wake?.();
    this.#link = new CallLink(
      { ...this.#plug, code, action, direction: "from" },
      () => ({ took() {}, credited: wake, ended: wake }),
      ahead,
    );
  }

  /** Hands out all that there is, and returns what comes with the end. */
  async run(returned: unknown): Promise<unknown> {
    const steps = stepsOf(await returned, this.#plug.taskName);
    const signal = this.#signal;
    const onAbort = () => {
      // Asked for within a step it would run all the same behind it, on Deno without the context of the call.
      if (!(this.#isStepping && steps.endsBetweenSteps)) void this.#close(steps);
      this.#wake?.();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#handOut(steps);
    } finally {
      signal.removeEventListener("abort", onAbort);
      // Before whatever comes of the call.
      await this.#flush();
    }
  }

  async #handOut(steps: Steps): Promise<unknown> {
    this.#turnedAt = performance.now();
    this.#sentAt = this.#turnedAt;
    const next = () => steps.next();
    for (;;) {
      // A link is refused to a call that was given up before it was opened.
      if (this.#signal.aborted || !this.#link.isOpen) {
        await this.#close(steps);
        throw this.#signal.reason ?? new CancelledError("Cannot go on: nobody reads the stream");
      }
      if (this.#link.credit <= this.#cost) {
        await this.#untilCredit();
        continue;
      }
      let step = this.#plug.enter(next);
      if (steps.isAsync) {
        this.#bookFlush();
        this.#isStepping = true;
        step = await step;
        this.#isStepping = false;
      }
      if (!isObject(step)) throw this.#noResult(step);
      const { done, value } = step as IteratorResult<unknown>;
      if (done === true) return value;
      const promised = steps.isAsync ? undefined : this.#promised(value, steps);
      this.#gather(promised === undefined ? value : await promised);
      const now = performance.now();
      if (this.#isPortion(now)) await this.#flush();
      if (now - this.#turnedAt > TURN_MS) await this.#giveTurn();
    }
  }

  /**
   * Awaits an item of a synchronous generator that is a promise. One that is broken ends the generator, as in a loop of
   * `for await`; undefined for what is no promise.
   */
  #promised(item: unknown, steps: Steps): Promise<unknown> | undefined {
    const end = async (error: unknown) => {
      await this.#close(steps).catch(() => {});
      throw error;
    };
    try {
      if (!isThenable(item)) return undefined;
    } catch (error) {
      return end(error);
    }
    this.#bookFlush();
    return Promise.resolve(item).catch(end);
  }

  /**
   * Whether so much is made that it is sent. The first item at once, for the step to the next one may take for ever, and this
   * thread with it; and the more at a time the longer they come fast.
   */
  #isPortion(now: number): boolean {
    const isFast = now - this.#sentAt <= GATHER_MS;
    if (isFast && this.#gathered.length < this.#portion) return false;
    this.#portion = isFast ? 2 * this.#portion : 1;
    return true;
  }

  #noResult(step: unknown): TypeError {
    const what = `Cannot go on with task "${this.#plug.taskName}"`;
    return new TypeError(`${what}: its next() gave no result, but ${typeName(step)}`);
  }

  #gather(item: unknown): void {
    this.#gathered.push(item);
    this.#cost += costOf(item);
  }

  /** Sends what was gathered; returns a promise where files in it are read before. */
  #flush(): Promise<void> | undefined {
    this.#sentAt = performance.now();
    if (this.#gathered.length === 0) return undefined;
    const [items, cost] = [this.#gathered, this.#cost];
    this.#gathered = [];
    this.#cost = 0;
    return this.#link.send(items, cost);
  }

  /** Before a wait of unknown length, what is made goes out: in the next turn, for most promises are kept in this one. */
  #bookFlush(): void {
    if (this.#isFlushBooked) return;
    this.#isFlushBooked = true;
    void turn().then(() => {
      this.#isFlushBooked = false;
      void this.#flush();
    });
  }

  async #giveTurn(): Promise<void> {
    await this.#flush();
    await turn();
    this.#turnedAt = performance.now();
    this.#sentAt = this.#turnedAt;
  }

  async #untilCredit(): Promise<void> {
    await this.#flush();
    if (this.#link.credit <= 0 && this.#link.isOpen && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    this.#sentAt = performance.now();
    // By reference credit comes in the same turn: a reader as fast as this would keep everybody else waiting for ever.
    if (!this.#plug.byReference) this.#turnedAt = this.#sentAt;
  }

  /** Ends the generator, once: its `finally` runs. What that throws is the outcome of a call that nobody waits for. */
  #close(steps: Steps): Promise<void> {
    this.#closing ??= (async () => {
      await this.#enter(() => this.#plug.enter(() => steps.close(this.#signal.reason)), undefined);
    })();
    this.#closing.catch(() => {});
    return this.#closing;
  }
}

/** What an item takes of the credit. */
function costOf(item: unknown): number {
  if (typeof item === "string") return 1 + Math.floor(item.length / BYTES_PER_CREDIT);
  if (typeof item !== "object" || item === null) return 1;
  const buffer: unknown = isView(item) ? bufferOf(item) : item;
  // What is shared is not sent.
  return isArrayBuffer(buffer) ? 1 + Math.floor(bufferBytes(buffer) / BYTES_PER_CREDIT) : 1;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as Partial<PromiseLike<unknown>>).then === "function";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
