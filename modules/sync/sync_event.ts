// SyncEvent: something that has happened or not, and that all can wait for. Published as `Event`, too.

import { assertBoolean } from "../core/checks.ts";
import { EventDesk } from "./arbiter/signals.ts";
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

/** How to make an event. */
export interface EventOptions extends NameOptions {
  /** Whether it is set from the beginning. Default: false. */
  set?: boolean;
}

/**
 * Has all that wait go on once it is set, whatever executors they run on.
 *
 * @example Set by one, waited for by others
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import { SyncEvent } from "@concurrent/futures/sync";
 *
 * await using executor = new EventLoopExecutor();
 * const ready = new SyncEvent({ name: "ready" });
 * const waits = executor.submit(async (event: SyncEvent) => {
 *   await event.wait({ timeout: 60_000 });
 *   return "went on";
 * }, ready);
 * await ready.set();
 * assert.equal(await waits, "went on");
 * ```
 */
export class SyncEvent extends Handle {
  /**
   * Makes an event that is not set.
   *
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   */
  constructor(options?: EventOptions) {
    super(given(options) ?? seatFor(options));
  }

  /** Sets it: all that wait go on, and so do all that come, until it is cleared. */
  async set(): Promise<void> {
    await seatOf(this).ask(["set"], NO_LIMITS);
  }

  /** Has those that come from now on wait again. */
  async clear(): Promise<void> {
    await seatOf(this).ask(["clear"], NO_LIMITS);
  }

  /** Tells whether it is set. */
  async isSet(): Promise<boolean> {
    return (await seatOf(this).ask(["isSet"], NO_LIMITS)) as boolean;
  }

  /**
   * Waits until it is set.
   *
   * @throws {TimeoutError} After `timeout` milliseconds.
   */
  async wait(options?: WaitLimits): Promise<void> {
    await seatOf(this).ask(["wait"], readLimits(options, "wait for event"));
  }
}

function seatFor(options: EventOptions | undefined): DeskSeat {
  const { name, set = false } = readMaking(options, "event", ["name", "set"]);
  assertBoolean(set, "set");
  return new DeskSeat(new EventDesk(name, set));
}
