// Tests that a debugger reaches a task in a process, step by step as docs/debugging.md has it.

import { test } from "bun:test";
import assert from "node:assert/strict";
import { proveAddresses, proveBreakpoint } from "../node/conformance/debugging.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "./mod.ts";

test("a debugger stops a task of a process, reads a variable there, and lets it go on", () =>
  proveBreakpoint((options) => new ProcessPoolExecutor(options)));

test("each process that may be inspected tells its address, and works without a debugger", () =>
  proveAddresses((options) => new ProcessPoolExecutor(options)));

test("threads say that only processes can be inspected", () => {
  assert.throws(
    () => new ThreadPoolExecutor({ inspect: true } as never),
    /"inspect" is an option of ProcessPoolExecutor/,
  );
});
