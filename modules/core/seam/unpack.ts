// Puts values together again that were taken apart to cross (pack.ts): makes what was described, and sets it in its places.
// An error becomes an instance of its class, where that is known by its name.

import { classesOfArrived, type ErrorClass, RUNTIMES_OWN, runtime } from "../brand.ts";
import {
  BrokenExecutorError,
  CancelledError,
  GroupClosedError,
  InvalidStateError,
  QueueFullError,
  QueueTimeoutError,
  RemoteTraceback,
  ShutdownError,
  TimeoutError,
  UnsupportedRuntimeError,
  WorkerLostError,
} from "../errors.ts";
import { ArrivedHandle, contextSlot } from "../task_context.ts";
import { describe } from "./pack.ts";
import type { Packed, Part, Parts, WireError } from "./packed.ts";

/** Classes of errors by name: what one that has crossed is made an instance of. */
const errorClasses = new Map<string, ErrorClass>(
  [
    BrokenExecutorError,
    CancelledError,
    GroupClosedError,
    InvalidStateError,
    QueueFullError,
    QueueTimeoutError,
    RemoteTraceback,
    ShutdownError,
    TimeoutError,
    UnsupportedRuntimeError,
    WorkerLostError,
  ].map((errorClass) => [errorClass.name, errorClass]),
);

/** Of so many errors in a chain of causes the end is looked for. */
const MAX_CAUSES = 1000;

/**
 * Completes the values of a message in place. What comes of a worker may be forged.
 *
 * @throws {TypeError} And whatever else, for what no packer of ours has made.
 */
export function unpack(all: Parts): void {
  for (const [, error] of unpackEach(all)) throw error;
}

/**
 * The same, where one value that cannot be completed leaves the others whole.
 *
 * @returns Which cannot, and why.
 */
export function unpackEach({ parts, places, filled }: Parts): Map<number, unknown> {
  const failed = new Map<number, unknown>();
  const spoilt = new Map<number, unknown>();
  const made = parts.map((part, index) => {
    try {
      return make(part);
    } catch (error) {
      failed.set(index, error);
      return undefined;
    }
  });
  for (const [holder, key, part, owner] of places) {
    if (failed.has(part)) spoilt.set(owner, failed.get(part));
    else define(holder, key, made[part]);
  }
  for (const [collection, items] of filled) {
    if (collection instanceof Map)
      for (const [key, value] of items as [unknown, unknown][]) collection.set(key, value);
    else for (const item of items) (collection as Set<unknown>).add(item);
  }
  for (const [index, part] of parts.entries()) {
    if (failed.has(index)) continue;
    if (part.kind === "list")
      for (const [key, value] of Object.entries(part.elements))
        define(made[index] as object, key, value);
    if (part.kind !== "error") continue;
    const error = made[index] as Error;
    for (const [key, value, isShown] of part.fields) define(error, key, value, isShown);
    // A class may compute its name from fields that only its constructor makes.
    if (nameOf(error) !== part.name) define(error, "name", part.name, false);
  }
  return spoilt;
}

/** Makes the thrown thing again, as the nearest class known here. Never throws: what comes may be forged. */
export function decodeError(wire: WireError): unknown {
  try {
    if (wire.kind === "same") return wire.error;
    if (wire.kind === "value") return wire.value;
    // A field that nobody here knows how to make is missing, and the error is told all the same.
    for (const [, fault] of wire.parts === undefined ? [] : unpackEach(wire.parts))
      if (!(fault instanceof UnmadeInstance)) throw fault;
    const [error] = wire.list;
    if (error instanceof Error) attachTraceback(error);
    return error;
  } catch (cause) {
    return new TypeError("Cannot decode error: what came from the worker is none", { cause });
  }
}

/**
 * Has errors of `errorClass` arrive as instances of it, thrown by tasks or within values. To be called where they arrive.
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
  if (!isErrorClass(errorClass) || errorClass.name === "")
    throw new TypeError("Cannot register error class: expected a named class that extends Error");
  errorClasses.set(errorClass.name, errorClass);
}

function make(part: Part): unknown {
  switch (part.kind) {
    case "error":
      return makeError(part);
    case "made":
      return makeFrom(part);
    case "blob":
      return makeBlob(part);
    case "instance":
      return makeInstance(part);
    case "handle":
      if (part.wire.value !== undefined) keep(part.wire.id, part.wire.value);
      return new ArrivedHandle(part.wire);
    case "list":
      return Object.assign([], { length: part.length });
    default:
      part satisfies never;
      throw new TypeError("Cannot read message: it has a part of no known kind");
  }
}

/** Keeps a shared value for calls that follow. */
function keep(id: string, { list, parts }: Packed): void {
  if (parts !== undefined) unpack(parts);
  contextSlot.arrived?.set(id, { value: list[0] });
}

/** Makes a real error (one the engine knows as such) with the class's prototype, without calling its constructor. */
function makeError({ classes, name, message, stack }: Part & { kind: "error" }): Error {
  let error: Error;
  if (classes.includes("DOMException")) {
    error = new DOMException(message, name);
  } else {
    error = new Error(message);
    const errorClass = errorClassOf(classes);
    Object.setPrototypeOf(error, errorClass.prototype);
    if (errorClass.name !== classes[0]) classesOfArrived.set(error, classes);
  }
  define(error, "stack", stack, false);
  return error;
}

/** Why an instance could not be made here: of such a value nobody has done anything wrong who sent it. */
export class UnmadeInstance extends TypeError {}

/** Makes an instance of a registered class: code of a user's runs. */
function makeInstance({ of, wire: { list, parts } }: Part & { kind: "instance" }): object {
  if (parts !== undefined) unpack(parts);
  const its = contextSlot.classes?.byName.get(of);
  if (its === undefined)
    throw new UnmadeInstance(
      `no class "${of}" is known here; have a module imported that calls registerClass(${of}, …)`,
    );
  try {
    return its.fromWire(list[0]);
  } catch (cause) {
    throw new UnmadeInstance(`${of} cannot be made: ${describe(cause)}`, { cause });
  }
}

function makeFrom({ of, from }: Part & { kind: "made" }): unknown {
  switch (of) {
    case "URL":
      return new URL(from as string);
    case "URLSearchParams":
      return new URLSearchParams(from as string);
    case "Headers":
      return new Headers(from as [string, string][]);
    default:
      return makeTemporal(of, from);
  }
}

function makeTemporal(of: `Temporal.${string}`, from: unknown): object {
  const { Temporal } = globalThis as unknown as {
    Temporal?: Record<string, { from(text: unknown): object }>;
  };
  const name = of.slice("Temporal.".length);
  if (Temporal !== undefined && typeof from === "string" && Object.hasOwn(Temporal, name)) {
    const its = Temporal[name];
    if (typeof its?.from === "function") return its.from(from);
  }
  throw new TypeError("Cannot read message: it has a part of no known class");
}

function makeBlob({ content, type, name, lastModified }: Part & { kind: "blob" }): Blob {
  if (!(content instanceof Blob || content instanceof Uint8Array))
    throw new TypeError("Cannot read message: it has a blob of no bytes");
  const pieces = [content as Blob];
  return name === undefined
    ? new Blob(pieces, { type })
    : new File(pieces, name, { type, ...(lastModified === undefined ? {} : { lastModified }) });
}

function nameOf(error: Error): unknown {
  try {
    return error.name;
  } catch {
    return undefined;
  }
}

function define(target: object, key: string | number, value: unknown, enumerable = true): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

/** The first class that is known here, of an error's classes from the nearest on. */
export function errorClassOf(names: readonly string[]): ErrorClass {
  for (const name of names) {
    const known = name.startsWith(RUNTIMES_OWN)
      ? asErrorClass(runtime.errorClass?.(name.slice(RUNTIMES_OWN.length)))
      : (errorClasses.get(name) ?? find(name));
    if (known !== undefined) return known;
  }
  return Error;
}

/** Looks among what the language and the platform have. */
function find(name: string): ErrorClass | undefined {
  const platform = globalThis as Record<string, unknown> & {
    WebAssembly?: Record<string, unknown>;
  };
  try {
    return asErrorClass(platform[name]) ?? asErrorClass(platform.WebAssembly?.[name]);
  } catch {
    // A getter, of the platform or of a program.
    return undefined;
  }
}

function asErrorClass(value: unknown): ErrorClass | undefined {
  return value === Error || isErrorClass(value) ? (value as ErrorClass) : undefined;
}

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === "function" && value.prototype instanceof Error;
}

/** Hangs the worker's stack at the end of the cause chain, where it hides nothing the task itself put there. */
function attachTraceback(error: Error): void {
  const { stack } = error;
  if (typeof stack !== "string" || stack === "") return;
  const last = lastCause(error);
  // One that has come by way of another machine has its stack already.
  if (last === undefined || last instanceof RemoteTraceback) return;
  Object.defineProperty(last, "cause", {
    value: new RemoteTraceback(stack),
    enumerable: false,
    configurable: true,
    writable: true,
  });
}

/** The end of a chain of causes; undefined where nothing can be hung there. */
function lastCause(error: Error): Error | undefined {
  let last = error;
  try {
    // A cause may lead back to itself.
    for (let depth = 0; depth < MAX_CAUSES && last.cause instanceof Error; depth++)
      last = last.cause;
    return last.cause === undefined ? last : undefined;
  } catch {
    // A class may compute it from fields that only its constructor makes.
    return undefined;
  }
}
