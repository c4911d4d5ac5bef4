// What a worker of an executor made with `debug` does besides: loaded by the first one.

import { isArray, isClassless } from "../brand.ts";
import { contextSlot } from "../task_context.ts";
import type { AnyFunction } from "../task_source.ts";

/** From now on the calls of a worker are looked at one by one. */
export function debugCalls(
  calls: { add(layer: (fn: AnyFunction) => AnyFunction): void },
  { sharedRealm, byReference }: { sharedRealm: boolean; byReference: boolean },
): void {
  if (!sharedRealm) tellWholeStacks();
  calls.add((fn) => withFrozenData(fn, byReference));
}

/** Stacks are told whole in this realm, as far as the engine knows them. */
function tellWholeStacks(): void {
  const errors = Error as { stackTraceLimit?: number };
  errors.stackTraceLimit = Number.POSITIVE_INFINITY;
}

/**
 * Makes of a function one that cannot change what it is given but does not own: shared values; and where arguments pass as they
 * are, these, too. What tries to throws a `TypeError` in a module, and shows so who it is.
 */
function withFrozenData(fn: AnyFunction, byReference: boolean): AnyFunction {
  return (...args) => {
    for (const arg of args) {
      if (typeof arg !== "object" || arg === null) continue;
      if (contextSlot.shares?.has(arg) === true)
        freezeDeeply((arg as { readonly value: unknown }).value);
      else if (byReference) freezeDeeply(arg);
    }
    return fn(...args);
  };
}

/** Freezes records and lists, and those within them. What has a class may need to change, and bytes cannot be frozen. */
export function freezeDeeply(value: unknown): void {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null || Object.isFrozen(next)) continue;
    if (!isArray(next) && !isClassless(next)) continue;
    Object.freeze(next);
    // Not what a getter would make.
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(next))) open.push(value);
  }
}
