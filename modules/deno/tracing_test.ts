// Tests that a trace leads from the program into its threads and processes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HostSdk, only, proveHostsSpans, proveOneTrace, withMark } from "../otel/fixture.ts";
import { trace } from "../otel/mod.ts";
import { arithmetic } from "../testing/tasks.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "./mod.ts";

/** The tests may reach this machine alone, and what is allowed in part is not inherited; an exporter needs it. */
const TELLING = { env: true, net: ["127.0.0.1"], read: true, sys: true } as const;

test("one trace leads through the host and a thread, which has an SDK of its own", () =>
  proveOneTrace((options) => new ThreadPoolExecutor(options), false));

test("one trace leads through the host and a process, which has an SDK of its own", () =>
  proveOneTrace((options) => new ProcessPoolExecutor({ ...options, permissions: TELLING }), true));

test("of a thread without an SDK the host tells each run", () =>
  withMark((mark) => proveHostsSpans((options) => new ThreadPoolExecutor(options), mark)));

test("of a process without an SDK the host tells each run", () =>
  withMark((mark) => proveHostsSpans((options) => new ProcessPoolExecutor(options), mark)));

test("a process that may load nothing makes its calls all the same, what is moved with them too", async () => {
  using host = new HostSdk();
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, permissions: "none" });
  using _ = trace(pool);
  const bytes = new Uint8Array(3);
  const moved = arithmetic.lengthOf.with({ transfer: (given) => [given as never] });
  assert.equal(await pool.submit(arithmetic.sumOf, 1, 2, 3), 6, "no argument more than was given");
  assert.equal(await pool.submit(moved, bytes.buffer), 3);
  assert.equal(only(host.spans, "run sumOf").parent, only(host.spans, "submit sumOf").spanId);
});
