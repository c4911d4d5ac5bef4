// How an error crosses: whole (name, message, code, own fields, causes, members), as the class it was, and whatever it is
// made of: what of it cannot cross is told in words (pack.ts).

import { RemoteTraceback } from "../errors.ts";
import { describe, type Link, type Packed, Packer } from "./pack.ts";
import { isCloneable } from "./plain.ts";
import { unpack } from "./unpack.ts";

/** A thrown thing as it travels. */
export type WireError =
  /** Taken apart: a list of it alone. */
  | (Packed & { readonly kind: "packed" })
  /** A primitive value. */
  | { readonly kind: "value"; readonly value: unknown }
  /** On channels that pass by reference: the very object. */
  | { readonly kind: "same"; readonly error: unknown };

/** Of so many errors in a chain of causes the end is looked for. */
const MAX_CAUSES = 1000;

/** Describes a thrown thing. Never throws, and all it returns can be sent. */
export function encodeError(error: unknown, link: Link): WireError {
  if (typeof error !== "object" && isCloneable(error)) return { kind: "value", value: error };
  try {
    const packer = new Packer(link);
    const list = packer.packThrown(error);
    return { kind: "packed", list, parts: packer.parts };
  } catch {
    return { kind: "value", value: describe(error) };
  }
}

/** Makes the thrown thing again, as the nearest class known here. Never throws: what comes may be forged. */
export function decodeError(wire: WireError): unknown {
  try {
    if (wire.kind === "same") return wire.error;
    if (wire.kind === "value") return wire.value;
    if (wire.parts !== undefined) unpack(wire.parts);
    const [error] = wire.list;
    if (error instanceof Error) attachTraceback(error);
    return error;
  } catch (cause) {
    return new TypeError("Cannot decode error: what came from the worker is none", { cause });
  }
}

/** Hangs the worker's stack at the end of the cause chain, where it hides nothing the task itself put there. */
function attachTraceback(error: Error): void {
  const { stack } = error;
  if (typeof stack !== "string" || stack === "") return;
  const last = lastCause(error);
  if (last === undefined) return;
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
