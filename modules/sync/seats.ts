// The seats of all handles there are: by these a handle is known, and what it is of, without a look at the object itself.

import type { Seat } from "./place.ts";

/** The seats of handles. */
export const seats: WeakMap<object, Seat> = new WeakMap();

/** The number of the desk that a value is a handle of, if it is one. */
export function deskIdOf(value: unknown): string | undefined {
  return typeof value === "object" && value !== null ? seats.get(value)?.id : undefined;
}
