// Tells the core what only a runtime with modules of its own knows of values: what is a proxy, and further classes of errors.

import { runtime } from "../core/brand.ts";

runtime.isProxy = (value) => process.getBuiltinModule("node:util").types.isProxy(value);

runtime.isCollection = (value) => {
  const { types } = process.getBuiltinModule("node:util");
  return types.isMap(value) || types.isSet(value);
};

runtime.errorClass = (name) => {
  if (name === "AssertionError") return process.getBuiltinModule("node:assert").AssertionError;
  const errors = (globalThis as { Deno?: { readonly errors?: Record<string, unknown> } }).Deno
    ?.errors;
  return errors !== undefined && Object.hasOwn(errors, name) ? errors[name] : undefined;
};
runtime.isPinned = (buffer) =>
  process.getBuiltinModule("node:worker_threads").isMarkedAsUntransferable(buffer as ArrayBuffer);
