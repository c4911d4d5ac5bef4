// Checks of what users give for an option: one rule for all of them.
//
// What is not of an option's type is a TypeError; what is of its type and cannot be used is a RangeError. The type of what is
// counted is a whole number, which neither a fraction nor NaN is. Infinity is one: it stands for no limit, and is out of
// range where there must be a limit. The type of all other numbers, milliseconds among them, is a number, and NaN is one.

import { withCode } from "./errors.ts";
import { isSignal } from "./time/when_aborted.ts";

const NO_LIMIT = Number.POSITIVE_INFINITY;

/** Throws unless `value` is a whole number from `least`. Infinity means no limit. */
export function assertCount(value: unknown, name: string, least: number): asserts value is number {
  const expected = `a whole number from ${least}`;
  if (!isWhole(value)) throw wrongType(name, expected, value);
  if (value < least) throw outOfRange(name, expected, value);
}

/** Throws unless `value` is a whole number from `least`, and a limit. */
export function assertLimit(value: unknown, name: string, least: number): asserts value is number {
  assertCount(value, name, least);
  if (value === NO_LIMIT) throw outOfRange(name, `a whole number from ${least}`, value);
}

/** Throws unless `value` is a number of milliseconds from 0. Infinity means no limit. */
export function assertDuration(value: unknown, name: string): asserts value is number {
  assertNumber(value, name, "milliseconds from 0", (ms) => ms >= 0);
}

/** Throws unless `value` is an amount, such as one of MiB, above 0. */
export function assertAmount(value: unknown, name: string, unit: string): asserts value is number {
  assertNumber(value, name, `${unit} above 0`, (amount) => amount > 0);
}

/** Throws unless `value` is a number that can be used. */
export function assertNumber(
  value: unknown,
  name: string,
  expected: string,
  isUsable: (number: number) => boolean,
): asserts value is number {
  if (typeof value !== "number") throw wrongType(name, expected, value);
  if (!isUsable(value)) throw outOfRange(name, expected, value);
}

/** Throws unless `value` is a string. */
export function assertString(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw wrongType(name, "a string", value);
}

/** Throws unless `value` is true or false. */
export function assertBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== "boolean") throw wrongType(name, "a boolean", value);
}

/** Throws unless `value` is a function. */
export function assertFunction(value: unknown, name: string): void {
  if (typeof value !== "function") throw wrongType(name, "a function", value);
}

/** Throws unless `value` is a signal, and not only made to look like one. */
export function assertSignal(value: unknown): asserts value is AbortSignal {
  if (!isSignal(value)) throw wrongType("signal", "an AbortSignal", value);
}

/** Throws unless `value` is one of two words. */
export function assertEither(value: unknown, name: string, one: string, other: string): void {
  if (value !== one && value !== other) throw wrongType(name, `"${one}" or "${other}"`, value);
}

/** What a value is, for an error: its type, or the name of its class. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  try {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === "string" && name !== "" ? name : "object";
  } catch {
    return "object";
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && (Number.isInteger(value) || Math.abs(value) === NO_LIMIT);
}

function wrongType(name: string, expected: string, value: unknown): TypeError {
  return withCode(new TypeError(refusal(name, expected, value)), "CF_INVALID_OPTION");
}

function outOfRange(name: string, expected: string, value: number): RangeError {
  return withCode(new RangeError(refusal(name, expected, value)), "CF_INVALID_OPTION");
}

function refusal(name: string, expected: string, value: unknown): string {
  const got = typeof value === "number" ? value : typeName(value);
  return `Cannot use ${name}: expected ${expected}, got ${got}`;
}
