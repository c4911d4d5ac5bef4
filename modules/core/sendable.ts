// Sendable: which arguments can be sent to a worker, as far as types can tell. Types only.

import type { AnyFunction } from "./task_source.ts";

/**
 * What of `T` no worker can be sent: functions, classes, symbols, promises and futures, weak collections; also in lists, maps and
 * sets, and all but functions in fields of objects, three deep.
 *
 * A function in a field is not refused: types do not tell it from a method, and those of a class stay behind when an instance
 * crosses. Nor is what may be a getter of a class, which stays behind, too, a `readonly` field; nor what may be absent, or something
 * else. Of all this the error of the call tells. Nor can types follow a generic function: its task has `unknown`, or what its parameters
 * extend, for what it is generic in, for the compiler keeps such parameters of functions only.
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
            : T extends object
              ? Depth["length"] extends 3
                ? never
                : { [K in keyof T]-?: UncloneableField<T, K, [...Depth, unknown]> }[keyof T]
              : never;

/** The same of what lies one deeper. A type may be nested in itself, and is not followed for ever. */
export type UncloneableWithin<T, Depth extends unknown[]> = Depth["length"] extends 3
  ? never
  : Uncloneable<T, [...Depth, unknown]>;

/** The same of a field, if whatever it holds cannot be sent. */
export type UncloneableField<T, K extends keyof T, Depth extends unknown[]> = [T[K]] extends [never]
  ? never
  : T[K] extends AnyFunction | (abstract new (...args: never[]) => unknown)
    ? never
    : Record<never, never> extends Pick<T, K>
      ? never
      : IsWritable<T, K> extends true
        ? [Cloneable<T[K], Depth>] extends [never]
          ? T[K]
          : never
        : never;

/** Those of a union that can be sent, or may be. */
export type Cloneable<T, Depth extends unknown[]> = T extends AnyFunction
  ? T
  : [Uncloneable<T, Depth>] extends [never]
    ? T
    : never;

/** Whether a field is no `readonly` one: of identical types alone the compiler takes one such function for the other. */
export type IsWritable<T, K extends keyof T> =
  (<G>() => G extends Pick<T, K> ? 1 : 2) extends <G>() => G extends { -readonly [P in K]: T[P] }
    ? 1
    : 2
    ? true
    : false;

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
