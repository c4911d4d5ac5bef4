// Tests of how async contexts are found, on platforms that are made up here; those there are run the conformance suite.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Enter } from "../core/async_context.ts";
import { findContexts } from "./async_context.ts";

/** A platform's context that is one variable. */
let current = "none";

function enterOf(kept: string): Enter {
  return (call, argument) => {
    const before = current;
    current = kept;
    try {
      return call(argument);
    } finally {
      current = before;
    }
  };
}

class Snapshot {
  readonly run = enterOf(current);
}

class AsyncResource {
  readonly #enter = enterOf(current);
  runInAsyncScope<A, R>(call: (argument: A) => R, _self: unknown, argument: A): R {
    return this.#enter(call, argument);
  }
}

const AsyncLocalStorage = { snapshot: () => enterOf(current) };

const builtins = (modules: object) => ({ getBuiltinModule: () => modules });

const PLATFORMS = {
  "the language itself": { AsyncContext: { Snapshot } },
  "resources of node:async_hooks": { process: builtins({ AsyncResource, AsyncLocalStorage }) },
  "snapshots on Bun": { Bun: {}, process: builtins({ AsyncResource, AsyncLocalStorage }) },
  "a global AsyncLocalStorage": { AsyncLocalStorage },
};

for (const [name, realm] of Object.entries(PLATFORMS)) {
  test(`findContexts() keeps a context by ${name}`, () => {
    const keep = findContexts(realm);
    current = "Ann";
    const enter = keep?.();
    current = "Ben";
    assert.deepEqual(
      enter?.((greeting: string) => `${greeting} ${current}`, "Hello"),
      "Hello Ann",
    );
    assert.equal(current, "Ben");
    assert.throws(() =>
      enter?.(() => {
        throw new Error("mine");
      }, undefined),
    );
    assert.equal(current, "Ben");
  });
}

test("findContexts() finds nothing where there is nothing, or a process that is made up", () => {
  for (const realm of [{}, { process: {} }, { process: { getBuiltinModule: () => undefined } }])
    assert.equal(findContexts(realm), undefined);
});
