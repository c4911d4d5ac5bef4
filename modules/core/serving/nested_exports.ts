// Nested exports: finds `Images.resize`, a static method of a class or a function in a plain object that a module exports.

import { isClassless } from "../brand.ts";
import { TASK_OF } from "../task_context.ts";
import type { AnyFunction } from "../task_source.ts";

/** Steps that lead out of what a module exports, into what all programs have. */
const REFUSED: ReadonlySet<string> = new Set(["constructor", "prototype", "__proto__"]);

/**
 * Finds what has a name with dots. An export that is called so as a whole comes first.
 *
 * Own properties only, of classes, functions and plain objects: who names tasks calls what a module exports, and nothing that
 * is inherited, by all objects or from a class elsewhere.
 *
 * @returns Undefined where there is none. A method is bound to what it belongs to.
 */
export function nestedExport(place: object, name: string): { value: unknown } | undefined {
  if (Object.hasOwn(place, name)) return { value: read(place, name) };
  let holder: object = place;
  let value: unknown = place;
  for (const [depth, step] of name.split(".").entries()) {
    if (depth > 0 && !isHolder(value)) return undefined;
    holder = value as object;
    if (REFUSED.has(step) || !Object.hasOwn(holder, step)) return undefined;
    value = read(holder, step);
  }
  return { value: typeof value === "function" ? bound(value as AnyFunction, holder) : value };
}

/** A method as it is called: with what it is a method of for its `this`. One that submits itself has its function with it. */
function bound(method: AnyFunction, holder: object): AnyFunction {
  return Object.hasOwn(method, TASK_OF) ? method : method.bind(holder);
}

function isHolder(value: unknown): value is object {
  if (typeof value === "function") return true;
  return typeof value === "object" && value !== null && isClassless(value);
}

function read(holder: object, key: string): unknown {
  return (holder as Record<string, unknown>)[key];
}
