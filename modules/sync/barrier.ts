// Barrier: as many as it takes wait for each other.

import { assertLimit } from "../core/checks.ts";
import { BarrierDesk } from "./arbiter/barrier_desk.ts";
import { NO_LIMITS } from "./arbiter/wait.ts";
import { DeskSeat } from "./desk_seat.ts";
import {
  given,
  Handle,
  type NameOptions,
  readLimits,
  readMaking,
  seatOf,
  type WaitLimits,
} from "./handle.ts";

/**
 * Has as many as it takes wait for each other, again and again, whatever executors they run on.
 *
 * Whoever gives up, or is lost while it waits, breaks it: the others would wait for ever.
 *
 * @example Two that meet
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import { Barrier } from "@concurrent/futures/sync";
 *
 * await using executor = new EventLoopExecutor({ maxWorkers: 2 });
 * const barrier = new Barrier(2);
 * const arrive = (barrier: Barrier) => barrier.wait();
 * const orders = await Promise.all([1, 2].map(() => executor.submit(arrive, barrier)));
 * assert.deepEqual(orders.toSorted(), [0, 1]);
 * ```
 */
export class Barrier extends Handle {
  /**
   * Makes a barrier.
   *
   * @param parties How many wait for each other.
   * @throws {TypeError} When that is no whole number; for an option of the wrong type, or that there is not.
   * @throws {RangeError} When it is below 1, or no limit.
   */
  constructor(parties: number, options?: NameOptions) {
    super(given(parties) ?? seatFor(parties, options));
  }

  /**
   * Waits until all are there.
   *
   * @returns The order of arrival, from 0.
   * @throws {BrokenBarrierError} When somebody gave up, was lost, or has reset it.
   * @throws {TimeoutError} After `timeout` milliseconds; the barrier is broken then.
   * @throws {DeadlockError} When those that are missing cannot come: they wait for a slot, and all slots wait here. Nobody has
   * foreseen that the program itself comes for the first time: where it is the last to, submit the next round afterwards.
   */
  async wait(options?: WaitLimits): Promise<number> {
    return (await seatOf(this).ask(["wait"], readLimits(options, "wait at barrier"))) as number;
  }

  /** Makes it as new; those that wait now are told that it was broken. */
  async reset(): Promise<void> {
    await seatOf(this).ask(["reset"], NO_LIMITS);
  }
}

function seatFor(parties: number, options: NameOptions | undefined): DeskSeat {
  assertLimit(parties, "parties", 1);
  const { name } = readMaking(options, "barrier", ["name"]);
  return new DeskSeat(new BarrierDesk(name, parties));
}
