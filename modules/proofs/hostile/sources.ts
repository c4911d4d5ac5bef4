// Sources of a map that fight back: each gives some numbers, and then does what no decent iterable would.

import { seeded } from "../../testing/seeded.ts";
import { HostileError, rage } from "./kind.ts";
import { KINDS } from "./kinds.ts";
import { THEN } from "./thenables.ts";

/** A source, and what must come of it: so many elements from 0 on, and whether an error stands behind them. */
export interface Source {
  make(): Iterable<unknown> | AsyncIterable<unknown>;
  readonly count: number;
  readonly fails: boolean;
}

const GIVES = 3;
/** Gives 0, 1, 2, and then whatever comes of `end`. */
const after = (end: () => unknown, more: object = {}): Iterable<unknown> => {
  let next = 0;
  return {
    [Symbol.iterator]: () => ({
      next: () =>
        next < GIVES ? { value: next++, done: false } : (end() as IteratorResult<unknown>),
      ...more,
    }),
  };
};
const kind = (name: string) => KINDS[name]?.make(seeded(1));
const fails = (make: () => Iterable<unknown> | AsyncIterable<unknown>): Source => ({
  make,
  count: GIVES,
  fails: true,
});

/** All, by name. */
export const SOURCES: Readonly<Record<string, Source>> = {
  "next-rages": fails(() => after(rage)),
  "next-throws-undefined": fails(() =>
    after(() => {
      throw undefined;
    }),
  ),
  "next-throws-revoked": fails(() =>
    after(() => {
      throw kind("revoked");
    }),
  ),
  "next-gives-nothing": fails(() => after(() => undefined)),
  "done-rages": fails(() => after(() => Object.defineProperty({}, "done", { get: rage }))),
  "value-rages": fails(() =>
    after(() => Object.defineProperty({ done: false }, "value", { get: rage })),
  ),
  "result-revoked": fails(() => after(() => kind("revoked"))),
  "return-rages": {
    make: () => after(() => ({ done: true }), { return: rage }),
    count: GIVES,
    fails: false,
  },
  "no-next": {
    make: () => ({ [Symbol.iterator]: () => ({}) as Iterator<unknown> }),
    count: 0,
    fails: true,
  },
  "async-rejects": fails(async function* () {
    yield* [0, 1, 2];
    throw new HostileError("async");
  }),
  "async-rejects-revoked": fails(() => {
    const numbers = [0, 1, 2];
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const value = numbers.shift();
          if (value === undefined) return Promise.reject(kind("revoked"));
          return Promise.resolve({ value, done: false });
        },
      }),
    };
  }),
  "async-next-thenable": {
    make: () => {
      const numbers = [0, 1, 2];
      return {
        [Symbol.asyncIterator]: () => ({
          next: () => {
            const value = numbers.shift();
            const result = { value, done: value === undefined };
            // Whoever awaits it calls this once.
            return Object.defineProperty({}, THEN, {
              value: (resolve: (result: unknown) => void) => resolve(result),
            }) as Promise<IteratorResult<unknown>>;
          },
        }),
      };
    },
    count: GIVES,
    fails: false,
  },
  "array-with-own-iterator": {
    make: () => Object.assign([9, 9, 9, 9], { [Symbol.iterator]: () => [0, 1][Symbol.iterator]() }),
    count: 2,
    fails: false,
  },
  "string-like": { make: () => new Set([0, 1, 2]).values(), count: GIVES, fails: false },
};

export const sourceNames: readonly string[] = Object.keys(SOURCES);
