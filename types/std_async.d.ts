// Types of the part of @std/async we use: npm carries its code (`deno-std`) without its types.
// Copied in meaning from https://jsr.io/@std/async; extend together with `imports` in deno.json.

declare module "deno-std/async/abortable.js" {
  /** Makes a promise reject with the signal's reason as soon as the signal aborts. */
  export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
  /** Makes an async iterable throw the signal's reason as soon as the signal aborts. */
  export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
}
