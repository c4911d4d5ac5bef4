// Sendable: which arguments can be sent to a worker, as far as types can tell. Types only.

import type { AnyFunction } from "./task_source.ts";

/**
 * What of `T` no worker can be sent: functions, classes, symbols, promises and futures, weak collections; also in lists, maps and
 * sets, three deep. Fields of objects are not looked at: types do not tell a field from a method, and methods stay behind.
 */
export type Uncloneable<T, Depth extends unknown[] = []> = 0 extends 1 & T
  ? never
  : T extends
        | AnyFunction
        | (abstract new (
            ...args: never[]
          ) => unknown)
        | symbol
        | PromiseLike<unknown>
        | WeakRef<WeakKey>
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? UncloneableWithin<K | V, Depth>
      : T extends ReadonlySet<infer Item>
        ? UncloneableWithin<Item, Depth>
        : T extends WeakMap<WeakKey, unknown> | WeakSet<WeakKey>
          ? T
          : T extends readonly (infer Item)[]
            ? UncloneableWithin<Item, Depth>
            : never;

/** The same of what lies one deeper. A type may be nested in itself, and is not followed for ever. */
export type UncloneableWithin<T, Depth extends unknown[]> = Depth["length"] extends 3
  ? never
  : Uncloneable<T, [...Depth, unknown]>;

/** Is said of what cannot be sent. */
export interface CannotCross {
  /** Nothing has it: the error of the compiler names it. */
  readonly "a worker cannot be sent a function, symbol, promise or weak collection": never;
}

/** What is given to a task that a worker runs: `Given`, if all of `Values` can be sent. */
export type Sendable<Values, Given = Values> = [
  Uncloneable<Values extends readonly (infer Value)[] ? Value : Values>,
] extends [never]
  ? Given
  : Given & CannotCross;
