// Tests that a debugger reaches a task in a process, step by step as docs/debugging.md has it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { proveAddresses, proveBreakpoint } from "../node/conformance/debugging.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "./mod.ts";

/** The tests may reach this machine alone, and what is allowed in part is not inherited; a debugger needs it. */
const INSPECTED = { env: true, net: ["127.0.0.1"], read: true, sys: true } as const;

test("a debugger stops a task of a process, reads a variable there, and lets it go on", () =>
  proveBreakpoint((options) => new ProcessPoolExecutor({ ...options, permissions: INSPECTED })));

test("each process that may be inspected tells its address, and works without a debugger", () =>
  proveAddresses((options) => new ProcessPoolExecutor({ ...options, permissions: INSPECTED })));

test("threads say that only processes can be inspected", () => {
  assert.throws(
    () => new ThreadPoolExecutor({ inspect: true } as never),
    /"inspect" is an option of ProcessPoolExecutor/,
  );
});
