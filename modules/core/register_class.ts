// registerClass: has instances of a class of one's own cross, as what the class says of them, and be made again on the other side.

import { assertFunction, typeName } from "./checks.ts";
import { readOptions } from "./options.ts";
import { contextSlot, type RegisteredClass } from "./task_context.ts";

/** How instances of a class cross. */
export interface WireForm<T, W> {
  /** Says all there is to know of an instance, in what can cross: plain values, or instances of other registered classes. */
  toWire: (instance: T) => W;
  /** Makes it again on the other side, of a copy of that. */
  fromWire: (wire: W) => T;
  /** By which the class is known on both sides. Default: its name; give one where a build that minifies takes that. */
  name?: string;
}

const OPTIONS = ["toWire", "fromWire", "name"] as const;

/** What crosses as what it is, whatever class it is given: it would have to be taken apart first. */
const NEVER = { Function, Promise, ArrayBuffer, DataView, ...sharedBuffers() };

/** A page that is not isolated has none. */
function sharedBuffers(): { SharedArrayBuffer?: typeof SharedArrayBuffer } {
  return typeof SharedArrayBuffer === "undefined" ? {} : { SharedArrayBuffer };
}

/**
 * Has instances of a class cross to threads, to processes and back: as arguments and results, within other values, as items
 * of streams and in what tasks report.
 *
 * Both sides have to know it, so call it in the module that has the class, at its top level, and have that imported by the
 * module of the tasks and by the program. Where an instance arrives that nobody knows, that call fails and no other. On an event
 * loop instances pass by reference. Of exactly this class: an instance of a subclass crosses as a record of its fields, unless
 * the subclass is registered, too. What is shared within an instance and outside of it is copied twice; an instance of
 * itself is refused.
 *
 * Dates, maps, errors, addresses, and where the platform has it all of `Temporal`, cross anyway. Classes of errors have
 * `registerErrorClass`.
 *
 * @example Money stays money
 * ```ts
 * import { registerClass } from "@concurrent/futures";
 *
 * class Money {
 *   readonly #cents: bigint;
 *   constructor(cents: bigint) {
 *     this.#cents = cents;
 *   }
 *   static {
 *     registerClass(Money, { toWire: (money) => money.#cents, fromWire: (cents) => new Money(cents) });
 *   }
 * }
 * ```
 *
 * @throws {TypeError} For what is no class or has no name, for errors, bytes and promises, and for an option of the wrong type.
 */
export function registerClass<T extends object, W>(
  its: abstract new (...args: never[]) => T,
  form: WireForm<T, W>,
): void {
  const prototype: unknown = typeof its === "function" ? its.prototype : undefined;
  if (typeof prototype !== "object" || prototype === null)
    throw new TypeError(`Cannot register class: expected a class, got ${typeName(its)}`);
  const read = readOptions<Partial<WireForm<T, W>>>(form, OPTIONS, "register class");
  const { name = its.name, toWire, fromWire } = read;
  assertFunction(toWire, "toWire");
  assertFunction(fromWire, "fromWire");
  if (typeof name !== "string" || name === "")
    throw new TypeError("Cannot register class: it has no name; give one");
  if (prototype instanceof Error)
    throw new TypeError(`Cannot register class ${name}: use registerErrorClass for errors`);
  const [never] = Object.entries(NEVER).find(([, one]) => prototype instanceof one) ?? [];
  if (never !== undefined || prototype instanceof Object.getPrototypeOf(Uint8Array))
    throw new TypeError(
      `Cannot register class ${name}: it extends ${never ?? "a typed array"}, and crosses as that or not at all`,
    );
  contextSlot.classes ??= { byPrototype: new WeakMap(), byName: new Map() };
  const registered = { name, toWire, fromWire } as unknown as RegisteredClass;
  contextSlot.classes.byPrototype.set(prototype, registered);
  // A module that is loaded anew has made the class anew, and its latest is meant.
  contextSlot.classes.byName.set(name, registered);
}
