// How an error crosses: whole (name, message, code, own fields, cause chain, members) and as the class it was.
//
// Structured clone alone loses an error's subclass, name and own fields, and on some runtimes its cause and members.

import {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  QueueFullError,
  RemoteTraceback,
  ShutdownError,
  TimeoutError,
  UnsupportedRuntimeError,
  WorkerLostError,
} from "../errors.ts";

/** A thrown thing as it travels. Pairs, not records: a field may be called `__proto__`. */
export type WireError =
  /** An `Error`. `classes` are the names along its prototype chain, nearest first. */
  | {
      readonly kind: "error";
      readonly classes: readonly string[];
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly fields: readonly (readonly [string, unknown])[];
      readonly cause?: WireError;
      readonly errors?: readonly WireError[];
    }
  /** Anything else a task may throw. */
  | { readonly kind: "value"; readonly value: unknown }
  /** On channels that pass by reference: the very object. */
  | { readonly kind: "same"; readonly error: unknown };

/** A class of errors, whatever its constructor takes. */
// biome-ignore lint/suspicious/noExplicitAny: constructors differ in their parameters, which are never called here
export type ErrorClass = abstract new (...args: any[]) => Error;

/** Cause chains and members are followed this deep: beyond is a mistake or an attack. */
const MAX_DEPTH = 16;
/** Of all causes and members together so many cross: shared ones would multiply with each level. */
const MAX_ERRORS = 1000;

const HANDLED_KEYS = new Set(["name", "message", "stack", "cause", "errors"]);

const errorClasses = new Map<string, ErrorClass>(
  [
    Error,
    TypeError,
    RangeError,
    ReferenceError,
    SyntaxError,
    URIError,
    EvalError,
    AggregateError,
    BrokenExecutorError,
    CancelledError,
    InvalidStateError,
    QueueFullError,
    ShutdownError,
    TimeoutError,
    UnsupportedRuntimeError,
    WorkerLostError,
  ].map((errorClass) => [errorClass.name, errorClass]),
);

/**
 * Has errors of `errorClass` thrown by tasks arrive as instances of it. To be called on the host.
 *
 * The class is found by its name. Its constructor is not called: an object with its prototype gets the error's message,
 * own fields, cause and stack.
 *
 * @throws {TypeError} When `errorClass` is no class of errors, or has no name.
 *
 * @example Revive an error of your own
 * ```ts
 * import { registerErrorClass } from "@concurrent/futures";
 *
 * class QuotaError extends Error {
 *   override name = "QuotaError";
 * }
 * registerErrorClass(QuotaError);
 * ```
 */
export function registerErrorClass(errorClass: ErrorClass): void {
  if (
    typeof errorClass !== "function" ||
    !(errorClass.prototype instanceof Error) ||
    errorClass.name === ""
  ) {
    throw new TypeError("Cannot register error class: expected a named class that extends Error");
  }
  errorClasses.set(errorClass.name, errorClass);
}

/** Describes a thrown thing. Never throws, whatever it is made of, and all it returns can be cloned. */
export function encodeError(error: unknown): WireError {
  try {
    return encode(error, MAX_DEPTH, new Set(), { left: MAX_ERRORS });
  } catch {
    // A proxy, or a tag that is a getter: nothing of it can be read.
    return { kind: "value", value: describe(error) };
  }
}

/** Makes the thrown thing again, as the nearest class known here. Never throws: what comes may be forged. */
export function decodeError(wire: WireError): unknown {
  try {
    return decode(wire);
  } catch (cause) {
    return new TypeError("Cannot decode error: what came from the worker is none", { cause });
  }
}

function decode(wire: WireError): unknown {
  if (wire.kind === "same") return wire.error;
  if (wire.kind === "value") return wire.value;
  const error = revive(wire);
  if (wire.stack !== "") attachTraceback(error, wire.stack);
  return error;
}

function encode(
  error: unknown,
  depth: number,
  path: Set<unknown>,
  budget: { left: number },
): WireError {
  if (!isError(error)) return { kind: "value", value: cloneable(error) ? error : describe(error) };
  path.add(error);
  budget.left--;
  const follow = (inner: unknown): WireError =>
    depth === 0 || budget.left <= 0 || path.has(inner)
      ? { kind: "value", value: describe(inner) }
      : encode(inner, depth - 1, path, budget);
  const cause = Object.hasOwn(error, "cause") ? follow(read(error, "cause")) : undefined;
  const members = read(error, "errors");
  const encoded: WireError = {
    kind: "error",
    classes: classNames(error),
    name: text(read(error, "name") ?? "Error"),
    message: text(read(error, "message")),
    stack: text(read(error, "stack")),
    fields: ownFields(error),
    ...(cause === undefined ? {} : { cause }),
    ...(Array.isArray(members) ? { errors: members.slice(0, MAX_ERRORS).map(follow) } : {}),
  };
  path.delete(error);
  return encoded;
}

function revive(wire: WireError & { kind: "error" }): Error {
  const known = wire.classes.find((name) => errorClasses.has(name));
  const error = wire.classes.includes("DOMException")
    ? new DOMException(wire.message, wire.name)
    : create(errorClasses.get(known ?? "Error") as ErrorClass, wire.message);
  // A class may compute its name from fields that only its constructor makes.
  if (read(error, "name") !== wire.name) define(error, "name", wire.name);
  define(error, "stack", wire.stack);
  for (const [key, value] of wire.fields) define(error, key, value, true);
  if (wire.cause !== undefined) define(error, "cause", inner(wire.cause));
  if (wire.errors !== undefined) define(error, "errors", wire.errors.map(inner));
  return error;
}

/** Makes a real error (one the engine knows as such) with the class's prototype, without calling its constructor. */
function create(errorClass: ErrorClass, message: string): Error {
  const error = new Error(message);
  Object.setPrototypeOf(error, errorClass.prototype);
  return error;
}

function inner(wire: WireError): unknown {
  return wire.kind === "error" ? revive(wire) : decode(wire);
}

/** Hangs the worker's stack at the end of the cause chain, where it hides nothing the task itself put there. */
function attachTraceback(error: Error, stack: string): void {
  let last = error;
  // What was forged may have a cause that leads back to itself.
  for (let depth = 0; depth < MAX_ERRORS && last.cause instanceof Error; depth++) last = last.cause;
  if (last.cause === undefined) define(last, "cause", new RemoteTraceback(stack));
}

/** An error of any realm, but not merely something that looks like one. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function classNames(error: Error): string[] {
  const names: string[] = [];
  let prototype: unknown = Object.getPrototypeOf(error);
  while (typeof prototype === "object" && prototype !== null && names.length < MAX_DEPTH) {
    const name = Object.hasOwn(prototype, "constructor")
      ? read(read(prototype, "constructor"), "name")
      : undefined;
    if (typeof name === "string") names.push(name);
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}

function ownFields(error: Error): [string, unknown][] {
  const fields: [string, unknown][] = [];
  for (const key of Object.keys(error)) {
    if (HANDLED_KEYS.has(key)) continue;
    const value = read(error, key);
    if (cloneable(value)) fields.push([key, value]);
  }
  return fields;
}

/** Reads a property that may be a getter that throws. */
function read(target: unknown, key: string): unknown {
  try {
    return (target as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : describe(value);
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "(an object that cannot be shown)";
  }
}

function cloneable(value: unknown): boolean {
  if (typeof value !== "object" || value === null)
    return typeof value !== "function" && typeof value !== "symbol";
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
