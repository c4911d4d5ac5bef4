// Steps: what a task of a stream has returned, whatever kind of generator it is, one step after the other.

import { isGenerator } from "../brand.ts";
import { typeName } from "../checks.ts";

/** A generator, or what counts as one. */
export interface Steps {
  /** Whether a step is a promise. */
  readonly isAsync: boolean;
  next(): unknown;
  /** Whether `close` has to wait until a step has ended. */
  readonly endsBetweenSteps: boolean;
  /** Ends it early: its `finally` runs. */
  close(reason: unknown): unknown;
}

/** Of a `ReadableStream`, what is used here. */
interface Readable {
  getReader(): { read(): Promise<unknown>; cancel(reason: unknown): Promise<void> };
}

/**
 * Takes generators, anything that is an iterator or has an asynchronous one, and `ReadableStream`.
 *
 * A list is none: whoever returns one has it whole, and its caller wants it so.
 *
 * @throws {TypeError} For anything else.
 */
export function stepsOf(returned: unknown, task: string): Steps {
  if (typeof returned === "object" && returned !== null) {
    const { getReader } = returned as Partial<Readable>;
    if (typeof getReader === "function") return read(returned as Readable);
    const { [Symbol.asyncIterator]: iterateLater } = returned as Partial<AsyncIterable<unknown>>;
    if (typeof iterateLater === "function") return iterated(iterateLater.call(returned), true);
    const { next, [Symbol.iterator]: iterate } = returned as Partial<IterableIterator<unknown>>;
    if (typeof next === "function" && typeof iterate === "function")
      return iterated(iterate.call(returned), false);
  }
  throw new TypeError(
    `Cannot stream task "${task}": it returned no generator, but ${typeName(returned)}; use submit() for it`,
  );
}

function iterated(iterator: Iterator<unknown> | AsyncIterator<unknown>, isAsync: boolean): Steps {
  return {
    isAsync,
    endsBetweenSteps: isAsync && isGenerator(iterator),
    next: () => iterator.next(),
    close: () => iterator.return?.(),
  };
}

function read(stream: Readable): Steps {
  const reader = stream.getReader();
  return {
    isAsync: true,
    endsBetweenSteps: false,
    next: () => reader.read(),
    close: (reason) => reader.cancel(reason),
  };
}
