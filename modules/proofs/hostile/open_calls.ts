// OpenCalls: the calls of one hostile program, each until it has settled as it must.

import assert from "node:assert/strict";
import type { Future } from "../../../mod.ts";

/** What came of a program that held. */
export interface HostileToll {
  calls: number;
  values: number;
  failures: number;
  cancelled: number;
}

/** What came of one call. */
export type Outcome = readonly [what: "value" | "error", of: unknown];
/** Holds an outcome against what must be. */
export type Check = (outcome: Outcome) => void | Promise<void>;

/** One call. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly future: Future<unknown>;
  callbacks: number;
  isOver: boolean;
}

/** What is under way, and what of it did not hold. */
export class OpenCalls {
  readonly toll: HostileToll = { calls: 0, values: 0, failures: 0, cancelled: 0 };
  readonly #stillMs: number;
  readonly #calls = new Map<number, Call>();
  #underWay = 0;
  #wake: () => void = () => {};
  #failure: { readonly error: unknown } | undefined = undefined;
  #settled = 0;

  /** @param stillMs After so many milliseconds in which nothing settles, nothing ever will. */
  constructor(stillMs: number) {
    this.#stillMs = stillMs;
  }

  /** Whether something did not hold. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** All there were. */
  all(): Iterable<Call> {
    return this.#calls.values();
  }

  /** What a call is called. */
  nameOf(id: number): string | undefined {
    return this.#calls.get(id)?.name;
  }

  /** Follows a call: it settles once, and `check` holds its outcome against what must be. */
  watch(id: number, name: string, future: Future<unknown>, check: Check): Call {
    const call: Call = { id, name, future, callbacks: 0, isOver: false };
    this.#calls.set(id, call);
    future.addDoneCallback(() => {
      call.callbacks++;
    });
    const settle = async (outcome: Outcome) => {
      call.isOver = true;
      this.#settled++;
      try {
        assert.equal(call.callbacks, 1, "callbacks");
        assert.ok(future.done());
        await check(outcome);
        this.toll.calls++;
        if (future.cancelled()) this.toll.cancelled++;
        else this.toll[outcome[0] === "value" ? "values" : "failures"]++;
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
    };
    // In a list each: what is given back must not be taken for a promise.
    const outcome = future.then(
      (value): Outcome => ["value", value],
      (error): Outcome => ["error", error],
    );
    this.track(outcome.then(settle));
    return call;
  }

  /** Follows something else that is to come to an end. */
  track(work: PromiseLike<void>): void {
    this.#underWay++;
    Promise.resolve(work)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#underWay--;
        this.#wake();
      });
  }

  /** Waits until no more than `most` are under way, and throws what did not hold. */
  async drain(most: number): Promise<void> {
    while (this.#underWay > most && this.#failure === undefined) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.inTime(woken, "everything");
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits for no longer than for as long as anything at all settles. */
  async inTime<T>(work: PromiseLike<T>, what: string): Promise<T> {
    let timer: ReturnType<typeof setInterval> | undefined;
    const hung = new Promise<never>((_, reject) => {
      let settled = this.#settled;
      timer = setInterval(() => {
        if (settled === this.#settled) reject(this.#hung(what));
        settled = this.#settled;
      }, this.#stillMs);
    });
    try {
      return await Promise.race([work, hung]);
    } finally {
      clearInterval(timer);
    }
  }

  #hung(what: string): Error {
    const open = [...this.#calls.values()].filter(({ isOver }) => !isOver);
    const names = open.slice(0, 3).map(({ name, future }) => `${name} (${future.state})`);
    return new Error(`${what} hangs: ${open.length} calls are open, ${names.join(", ")}`);
  }
}
