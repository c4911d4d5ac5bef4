// Puts values together again that were taken apart to cross (pack.ts): makes what was described, and sets it in its places.

import { errorClassOf } from "./error_classes.ts";
import { MADE, type Part, type Parts } from "./pack.ts";

/**
 * Completes the values of a message in place. What comes of a worker may be forged.
 *
 * @throws {TypeError} And whatever else, for what no packer of ours has made.
 */
export function unpack({ parts, places, filled }: Parts): void {
  const made = parts.map(make);
  for (const [holder, key, part] of places) define(holder, key, made[part]);
  for (const [collection, items] of filled) {
    if (collection instanceof Map)
      for (const [key, value] of items as [unknown, unknown][]) collection.set(key, value);
    else for (const item of items) (collection as Set<unknown>).add(item);
  }
  for (const [index, part] of parts.entries()) {
    if (part.kind !== "error") continue;
    const error = made[index] as Error;
    for (const [key, value, isShown] of part.fields) define(error, key, value, isShown);
    // A class may compute its name from fields that only its constructor makes.
    if (nameOf(error) !== part.name) define(error, "name", part.name, false);
  }
}

function make(part: Part): unknown {
  switch (part.kind) {
    case "error":
      return makeError(part);
    case "made":
      return makeFrom(part);
    case "blob":
      return makeBlob(part);
    default:
      part satisfies never;
      throw new TypeError("Cannot read message: it has a part of no known kind");
  }
}

/** Makes a real error (one the engine knows as such) with the class's prototype, without calling its constructor. */
function makeError({ classes, name, message, stack }: Part & { kind: "error" }): Error {
  let error: Error;
  if (classes.includes("DOMException")) {
    error = new DOMException(message, name);
  } else {
    error = new Error(message);
    Object.setPrototypeOf(error, errorClassOf(classes).prototype);
  }
  define(error, "stack", stack, false);
  return error;
}

function makeFrom({ of, from }: Part & { kind: "made" }): unknown {
  const [url, search, headers] = MADE;
  switch (of) {
    case url:
      return new URL(from as string);
    case search:
      return new URLSearchParams(from as string);
    case headers:
      return new Headers(from as [string, string][]);
    default:
      of satisfies never;
      throw new TypeError("Cannot read message: it has a part of no known class");
  }
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
