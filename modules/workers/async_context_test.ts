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

class AsyncLocalStorage<T> {
  static snapshot = () => enterOf(current);
  #store: T | undefined;
  run<R>(value: T, action: () => R): R {
    const before = this.#store;
    this.#store = value;
    try {
      return action();
    } finally {
      this.#store = before;
    }
  }
  getStore(): T | undefined {
    return this.#store;
  }
  get = this.getStore;
}

const builtins = (modules: object) => ({ getBuiltinModule: () => modules });

const PLATFORMS = {
  "the language itself": { AsyncContext: { Snapshot, Variable: AsyncLocalStorage } },
  "resources of node:async_hooks": { process: builtins({ AsyncResource, AsyncLocalStorage }) },
  "snapshots, where there are no resources": { process: builtins({ AsyncLocalStorage }) },
  "a global AsyncLocalStorage": { AsyncLocalStorage },
};

for (const [name, realm] of Object.entries(PLATFORMS)) {
  test(`findContexts() keeps a context by ${name}`, () => {
    const contexts = findContexts(realm);
    current = "Ann";
    const enter = contexts?.keep();
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

test("findContexts() finds by what a call is known that runs later", () => {
  for (const realm of Object.values(PLATFORMS)) {
    const marks = findContexts(realm)?.marks;
    const call = { id: 1, worker: { id: 0, name: "w" } };
    assert.equal(
      marks?.run(call, () => marks.current()),
      call,
    );
    assert.equal(marks?.current(), undefined);
  }
});

test("findContexts() finds nothing where there is nothing, or a process that is made up", () => {
  for (const realm of [{}, { process: {} }, { process: { getBuiltinModule: () => undefined } }])
    assert.equal(findContexts(realm), undefined);
});

test("findContexts() keeps that of a caller in a resource, but on Deno", async () => {
  const process = builtins({ AsyncResource, AsyncLocalStorage });
  assert.equal(findContexts({ process, Deno: {} })?.Caller, undefined);
  const { Caller } = findContexts({ process }) ?? {};
  assert(Caller !== undefined);
  current = "Ann";
  const caller = new Caller();
  current = "Ben";
  const seen: string[] = [];
  for (let times = 0; times < 2; times++) {
    caller.enter(() => {
      seen.push(current);
      return true;
    });
  }
  assert.deepEqual(seen, [], "it is entered in a microtask");
  await Promise.resolve();
  assert.deepEqual(seen, ["Ann", "Ann"]);
  assert.equal(current, "Ben");
});
