// The connection: whether the server is heard, and of what time that is what the page shows.

import { signal } from "@preact/signals";

export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** When the server was last heard, once it is not; in milliseconds since 1970. */
export const lostAt = signal<number | undefined>(undefined);

/**
 * The time that what is shown is of, in milliseconds since 1970, with fractions.
 *
 * It stands still while the server is not heard: nobody knows what runs, so nothing may be seen to go on.
 */
export function shownAt(): number {
  return lostAt.peek() ?? performance.timeOrigin + performance.now();
}
