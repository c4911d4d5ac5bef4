// Handle: what users hold of something that is shared.

import { assertDuration, assertSignal, assertString } from "../core/checks.ts";
import { readOptions } from "../core/options.ts";
import { type Kind, labelOf, nameOf } from "./arbiter/desk.ts";
import { type Limits, NO_LIMITS } from "./arbiter/wait.ts";
import { noteHandle } from "./book.ts";
import { CallSeat } from "./call_seat.ts";
import { Lease } from "./lease.ts";
import type { Seat } from "./place.ts";

/** How to name something that is shared. */
export interface NameOptions {
  /** Names it in errors. Default: what it is, and a number. */
  name?: string;
}

/** How long to wait. */
export interface WaitLimits {
  /** Milliseconds after which the wait is given up with `TimeoutError`; 0 gives up at once. Default: no limit. */
  timeout?: number;
  /** Gives the wait up when it aborts, with its reason. */
  signal?: AbortSignal;
}

/** The way from a handle to its desk. */
export let ownSeatOf: (handle: Handle) => Seat;

/** The way from a handle to its desk, for whoever asks now. */
export function seatOf(handle: Handle): Seat {
  return ownSeatOf(handle).now();
}

/**
 * Stands for something that is shared: a lock, a channel and so on. It may be an argument of a task, or one of
 * `initializerArgs`, on every executor.
 */
export abstract class Handle {
  readonly #seat: Seat;

  /** Is for this package only. */
  constructor(seat: unknown) {
    this.#seat = seat as Seat;
    noteHandle(this, this.#seat);
  }

  /** The name that it was given. */
  get name(): string {
    return this.#seat.name;
  }

  /** Says what it is. */
  toString(): string {
    return `[${labelOf(this.#seat)}]`;
  }

  static {
    ownSeatOf = (handle) => handle.#seat;
  }
}

const LIMITS = ["timeout", "signal"] as const satisfies readonly (keyof WaitLimits)[];

/** Reads how long to wait. */
export function readLimits(options: WaitLimits | undefined, action: string): Limits {
  if (options === undefined) return NO_LIMITS;
  const { timeout, signal } = readOptions<WaitLimits>(options, LIMITS, action);
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (signal !== undefined) assertSignal(signal);
  return {
    ...(timeout === undefined || timeout === Number.POSITIVE_INFINITY ? {} : { timeout }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Reads how something is to be called, and what else there is to say of it. */
export function readMaking<O extends NameOptions>(
  options: O | undefined,
  kind: Kind,
  names: readonly (keyof O & string)[],
): O & { name: string } {
  // A handle has a name too, and would pass for options.
  if (options instanceof Handle)
    throw new TypeError(
      `Cannot create ${kind}: expected a record of options, got ${labelOf(ownSeatOf(options))}`,
    );
  const read = readOptions<O>(options, names, `create ${kind}`);
  if (read.name !== undefined) assertString(read.name, "name");
  return { ...read, name: nameOf(kind, read.name) };
}

/** The seat that a handle is made for within this package, where that is what was given in the place of options. */
export function given(options: unknown): Seat | undefined {
  return options instanceof CallSeat ? options : undefined;
}

const ACQUIRE = [["acquire", false] as const, ["acquire", true] as const] as const;

/** Waits for a lease. Where one can be had at once, nothing is awaited: that would cost as much as the rest. */
export function acquire(
  handle: Handle,
  isExclusive: boolean,
  options: WaitLimits | undefined,
): Promise<Lease> {
  try {
    const seat = seatOf(handle);
    const limits = options === undefined ? NO_LIMITS : readLimits(options, `acquire ${seat.kind}`);
    const granted = seat.ask(ACQUIRE[isExclusive ? 1 : 0], limits);
    if (granted instanceof Promise) return granted.then((later) => new Lease(seat, later));
    return Promise.resolve(new Lease(seat, granted));
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Takes a lease if one can be had at once. */
export async function tryAcquire(handle: Handle, isExclusive: boolean): Promise<Lease | undefined> {
  const seat = seatOf(handle);
  const granted = await seat.ask(["tryAcquire", isExclusive], NO_LIMITS);
  return granted === undefined ? undefined : new Lease(seat, granted);
}
