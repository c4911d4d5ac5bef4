// Key: what calls have in common that share a limit.

import { typeName } from "./checks.ts";

/** What calls have in common that share a limit: a user, a host, a file. */
export type Key = string | number;

/** The key of a call, as it was found out; or why it was not. */
export interface CallKey {
  readonly key?: Key | undefined;
  readonly fault?: { readonly error: unknown };
}

/** Finds out the key of a call by what it is called with. Never throws. */
export type KeyOfCall = (args: readonly unknown[]) => CallKey;

/** Throws unless `value` can be a key. */
export function assertKey(value: unknown, name: string): asserts value is Key {
  if (typeof value === "string" || typeof value === "number") return;
  throw new TypeError(`Cannot use ${name}: expected a string or a number, got ${typeName(value)}`);
}
