// Counter: a number that all count with.

import { typeName } from "../core/checks.ts";
import { CounterDesk } from "./arbiter/signals.ts";
import { NO_LIMITS } from "./arbiter/wait.ts";
import { DeskSeat } from "./desk_seat.ts";
import { given, Handle, type NameOptions, readMaking, seatOf } from "./handle.ts";

/**
 * Counts for all that have it, whatever executors they run on: nothing that is added is lost.
 *
 * @example A number of one's own each
 * ```ts
 * import assert from "node:assert/strict";
 * import { Counter } from "@concurrent/futures/sync";
 *
 * const numbers = new Counter(0n);
 * assert.equal(await numbers.add(1n), 1n);
 * assert.equal(await numbers.add(2), 3n);
 * assert.equal(await numbers.value(), 3n);
 * ```
 */
export class Counter extends Handle {
  /**
   * Makes a counter.
   *
   * @param value Where it begins. Default: 0n.
   * @throws {TypeError} When that is no whole number; for an option of the wrong type, or that there is not.
   */
  constructor(value: bigint | number = 0n, options?: NameOptions) {
    super(given(value) ?? seatFor(value, options));
  }

  /**
   * Adds to it.
   *
   * @param n What to add, which may be negative. Default: 1n.
   * @returns What it is then.
   * @throws {TypeError} When `n` is no whole number.
   */
  async add(n: bigint | number = 1n): Promise<bigint> {
    return (await seatOf(this).ask(["add", wholeNumber(n, "n")], NO_LIMITS)) as bigint;
  }

  /** Tells what it is now. */
  value(): Promise<bigint> {
    return this.add(0n);
  }
}

function seatFor(value: bigint | number, options: NameOptions | undefined): DeskSeat {
  const start = wholeNumber(value, "value");
  const { name } = readMaking(options, "counter", ["name"]);
  return new DeskSeat(new CounterDesk(name, start));
}

function wholeNumber(value: unknown, name: string): bigint {
  if (typeof value === "bigint") return value;
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  const got = typeof value === "number" ? value : typeName(value);
  throw new TypeError(`Cannot use ${name}: expected a whole number, got ${got}`);
}
