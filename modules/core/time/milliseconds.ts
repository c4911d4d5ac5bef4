// Milliseconds: which numbers are some, and timers that hold no program.

/** The longest delay timers take: 2^31 − 1 ms, about 25 days; a longer one would fire at once. */
export const MAX_TIMER: number = 2 ** 31 - 1;

/** Throws unless `value` is a number of milliseconds: not negative, not NaN; Infinity means no limit. */
export function assertDuration(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot use ${name}: expected milliseconds as a number, got ${typeof value}`,
    );
  }
  if (!(value >= 0))
    throw new RangeError(`Cannot use ${name}: expected milliseconds from 0, got ${value}`);
}

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
