// Classes of errors, by name: what an error that has crossed is made an instance of.

import {
  BrokenExecutorError,
  CancelledError,
  GroupClosedError,
  InvalidStateError,
  QueueFullError,
  ShutdownError,
  TimeoutError,
  UnsupportedRuntimeError,
  WorkerLostError,
} from "../errors.ts";
import { type ErrorClass, RUNTIMES_OWN, runtime } from "./runtime.ts";

const errorClasses = new Map<string, ErrorClass>(
  [
    BrokenExecutorError,
    CancelledError,
    GroupClosedError,
    InvalidStateError,
    QueueFullError,
    ShutdownError,
    TimeoutError,
    UnsupportedRuntimeError,
    WorkerLostError,
  ].map((errorClass) => [errorClass.name, errorClass]),
);

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
