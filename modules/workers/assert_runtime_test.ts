// Tests of the guard: on every runtime, what is said to somebody who took the executor of another one.

import assert from "node:assert/strict";
import test from "node:test";
import { UnsupportedRuntimeError } from "../core/errors.ts";
import { assertRuntime } from "./assert_runtime.ts";

const process = { versions: { node: "24.1.0" } };

/** What each runtime is known by, and what it calls itself. */
const RUNTIMES = {
  deno: [{ Deno: {}, process }, "Deno"],
  bun: [{ Bun: {}, process }, "Bun"],
  node: [{ process }, "Node"],
  browser: [{ isSecureContext: true }, "a browser"],
} as const;

const NAMES = Object.keys(RUNTIMES) as (keyof typeof RUNTIMES)[];

for (const here of NAMES) {
  const [globals, called] = RUNTIMES[here];
  for (const wanted of NAMES) {
    for (const executor of ["ThreadPoolExecutor", "ProcessPoolExecutor"]) {
      if (wanted === "browser" && executor === "ProcessPoolExecutor") continue;
      test(`assertRuntime() of ${executor} for ${wanted} on ${here}`, () => {
        if (here === wanted) {
          assert.equal(assertRuntime(wanted, executor, globals), undefined);
          return;
        }
        // A page can start no process.
        const instead = here === "browser" ? "ThreadPoolExecutor" : executor;
        assert.throws(
          () => assertRuntime(wanted, executor, globals),
          new UnsupportedRuntimeError(
            `Cannot create ${executor}: this is ${called}, not ${RUNTIMES[wanted][1]}; ` +
              `use ${instead} of @concurrent/futures/${here}`,
          ),
        );
      });
    }
  }
}

test("assertRuntime() advises the event loop where there is no runtime of ours", () => {
  // The edge: some have a `process`, and nothing in it.
  for (const globals of [{}, { process: {} }, { process: { versions: {} } }]) {
    assert.throws(
      () => assertRuntime("node", "ThreadPoolExecutor", globals),
      new UnsupportedRuntimeError(
        "Cannot create ThreadPoolExecutor: this is not Node; use EventLoopExecutor of @concurrent/futures",
      ),
    );
  }
});

test("assertRuntime() has nothing to advise in the place of a sandbox", () => {
  assert.throws(
    () => assertRuntime("deno", "Sandbox", { process }),
    new UnsupportedRuntimeError(
      "Cannot create Sandbox: this is Node, not Deno; no other runtime can deny a process its rights",
    ),
  );
});

test("assertRuntime() knows the runtime it runs on", () => {
  const here = NAMES.find((name) => {
    try {
      assertRuntime(name, "ThreadPoolExecutor");
      return true;
    } catch {
      return false;
    }
  });
  assert.equal(here, "Deno" in globalThis ? "deno" : "bun");
});
