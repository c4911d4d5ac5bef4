// Types of the part of @std/async we use: npm carries its code (`deno-std`) without its types.
// Copied in meaning from https://jsr.io/@std/async; extend together with `imports` in deno.json.

declare module "@std/async/abortable" {
  /** Makes a promise reject with the signal's reason as soon as the signal aborts. */
  export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
  /** Makes an async iterable throw the signal's reason as soon as the signal aborts. */
  export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
}

declare module "@std/async/deadline" {
  /** Options of {@linkcode deadline}. */
  export interface DeadlineOptions {
    /** Gives up early, with the signal's reason. */
    signal?: AbortSignal;
  }
  /** Rejects with a `DOMException` named `"TimeoutError"` if `p` takes longer than `ms`. */
  export function deadline<T>(p: Promise<T>, ms: number, options?: DeadlineOptions): Promise<T>;
}

declare module "@std/async/delay" {
  /** Options of {@linkcode delay}. `persistent` works on Deno only and is left out on purpose. */
  export interface DelayOptions {
    /** Ends the delay early, with the signal's reason. */
    signal?: AbortSignal;
  }
  /** Resolves after `ms` milliseconds. */
  export function delay(ms: number, options?: DelayOptions): Promise<void>;
}

declare module "@std/async/pool" {
  /** Maps an iterable with at most `poolLimit` calls at once; results come in input order. */
  export function pooledMap<T, R>(
    poolLimit: number,
    array: Iterable<T> | AsyncIterable<T>,
    iteratorFn: (data: T) => Promise<R>,
  ): AsyncIterableIterator<R>;
}

declare module "@std/async/retry" {
  /** What {@linkcode retry} throws after the last attempt; `cause` is the last error. */
  export class RetryError extends Error {
    constructor(cause: unknown, attempts: number);
  }
  /** Options of {@linkcode retry}; times in milliseconds. */
  export interface RetryOptions {
    /** Growth of the wait per attempt. @default {2} */
    multiplier?: number;
    /** Longest wait. @default {60000} */
    maxTimeout?: number;
    /** Attempts in all. @default {5} */
    maxAttempts?: number;
    /** First wait. @default {1000} */
    minTimeout?: number;
    /** Share of each wait that is random, 0 to 1. @default {1} */
    jitter?: number;
    /** Says whether an error is worth another attempt. @default {() => true} */
    isRetriable?: (err: unknown) => boolean;
    /** Stops trying, with the signal's reason. */
    signal?: AbortSignal;
  }
  /** Calls `fn` until it succeeds, with exponential back-off. */
  export function retry<T>(fn: (() => Promise<T>) | (() => T), options?: RetryOptions): Promise<T>;
}
