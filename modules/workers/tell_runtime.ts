// Tells the core what only a runtime with modules of its own knows of values: what is a proxy, and further classes of errors.

import { runtime } from "../core/brand.ts";

const nameOf = Object.prototype.toString;

let types: typeof import("node:util").types | undefined;

/** Asked for when the first value is looked at: to be imported is to touch nothing. */
function typesOf(): typeof import("node:util").types {
  types ??= process.getBuiltinModule("node:util").types;
  return types;
}

runtime.isProxy = (value) => typesOf().isProxy(value);

runtime.brandOf = (value) => {
  const types = typesOf();
  if (types.isMap(value)) return "map";
  if (types.isSet(value)) return "set";
  if (types.isDate(value) || types.isRegExp(value)) return "leaf";
  if (types.isAnyArrayBuffer(value)) return "buffer";
  return types.isBoxedPrimitive(value) && !types.isSymbolObject(value) ? "leaf" : undefined;
};

runtime.hasOnlyFields = (value) => {
  const types = typesOf();
  // Dates, errors, arguments of a function and the like the language itself calls by another name, if nobody gave them one.
  if (Symbol.toStringTag in value || nameOf.call(value) !== "[object Object]") return false;
  return !(
    types.isMap(value) ||
    types.isSet(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isArrayBufferView(value) ||
    types.isPromise(value) ||
    types.isBoxedPrimitive(value)
  );
};

runtime.errorClass = (name) => {
  if (name === "AssertionError") return process.getBuiltinModule("node:assert").AssertionError;
  const errors = (globalThis as { Deno?: { readonly errors?: Record<string, unknown> } }).Deno
    ?.errors;
  return errors !== undefined && Object.hasOwn(errors, name) ? errors[name] : undefined;
};
runtime.isPinned = (buffer) =>
  process.getBuiltinModule("node:worker_threads").isMarkedAsUntransferable(buffer as ArrayBuffer);
