// Milliseconds: how many a timer takes, and timers that hold no program.

/** The longest delay timers take: 2^31 − 1 ms, about 25 days; a longer one would fire at once. */
export const MAX_TIMER: number = 2 ** 31 - 1;

/** Lets the program end although `timer` is set. Deno, Bun and Node return an object; in a page nothing is held. */
export function unrefTimer(timer: unknown): void {
  if (
    typeof timer === "object" &&
    timer !== null &&
    "unref" in timer &&
    typeof timer.unref === "function"
  )
    timer.unref();
}
