// keyOf: which calls are the same. By a function of the user's, or by the arguments, where those are primitive values.

import { typeName } from "../checks.ts";
import type { PassingCall } from "./passing_call.ts";

/** Tells the key of a call from its arguments. Calls with the same one, as a `Map` has it, are the same. */
export type KeyFunction<A extends unknown[]> = (...args: A) => unknown;

/** Begins the keys that were made here: no string of a user's is taken for one. */
const MADE = "\0";

/**
 * The key of a call.
 *
 * @throws What the function throws.
 * @throws {TypeError} When it returns a promise; without it, for an argument that is no primitive value.
 */
export function keyOf(
  call: PassingCall,
  wrapper: string,
  key: KeyFunction<never[]> | undefined,
): unknown {
  const args = call.args();
  if (key === undefined) return keyOfValues(args, call.name, wrapper);
  const found = key(...(args as never[]));
  if (typeof (found as { then?: unknown } | null | undefined)?.then === "function")
    throw new TypeError(
      `Cannot ${wrapper} task "${call.name}": its key is a promise, and no two are the same`,
    );
  return found;
}

function keyOfValues(args: readonly unknown[], name: string, wrapper: string): unknown {
  for (const [at, arg] of args.entries()) {
    if (isText(arg)) continue;
    const what = `Cannot ${wrapper} task "${name}": argument ${at + 1} is of type ${typeName(arg)}`;
    throw new TypeError(`${what}, by which calls cannot be told apart; give a key function`);
  }
  const [only] = args;
  if (args.length !== 1) return MADE + args.map(textOf).join();
  return typeof only === "string" && only.startsWith(MADE) ? MADE + textOf(only) : only;
}

function isText(value: unknown): boolean {
  return value === null || !["object", "function", "symbol"].includes(typeof value);
}

/** Nothing else has the same text. */
function textOf(value: unknown): string {
  return typeof value === "string" ? `${value.length}:${value}` : `${typeof value} ${value}`;
}
