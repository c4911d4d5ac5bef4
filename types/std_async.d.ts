// Types of the part of @std/async we use: npm carries its code (`deno-std`) without its types.
// Copied in meaning from https://jsr.io/@std/async; extend together with `imports` in deno.json.

declare module "deno-std/async/abortable.js" {
  /** Makes a promise reject with the signal's reason as soon as the signal aborts. */
  export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
  /** Makes an async iterable throw the signal's reason as soon as the signal aborts. */
  export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
}

declare module "deno-std/async/debounce.js" {
  /** Puts calls off until there was none for so many milliseconds, and makes the last one. */
  export function debounce<A extends unknown[]>(
    fn: (...args: A) => void,
    wait: number,
  ): ((...args: A) => void) & { clear(): void; flush(): void; readonly pending: boolean };
}

declare module "deno-std/async/delay.js" {
  /** Resolves after some milliseconds; rejects with the signal's reason as soon as that aborts. */
  export function delay(
    ms: number,
    options?: { signal?: AbortSignal; persistent?: boolean },
  ): Promise<void>;
}

declare module "deno-std/async/poll.js" {
  /** Calls `fn` again and again, with so many milliseconds between, until `isDone` says yes to what it returns. */
  export function poll<T>(
    fn: () => T | Promise<T>,
    isDone: (result: T) => boolean,
    options?: { interval?: number; signal?: AbortSignal },
  ): Promise<T>;
}
