// Tests that a trace leads from the program into its threads and processes.

import { test } from "node:test";
import { proveHostsSpans, proveOneTrace, withMark } from "../otel/fixture.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "./mod.ts";

test("one trace leads through the host and a thread, which has an SDK of its own", () =>
  proveOneTrace((options) => new ThreadPoolExecutor(options), false));

test("one trace leads through the host and a process, which has an SDK of its own", () =>
  proveOneTrace((options) => new ProcessPoolExecutor(options), true));

test("of a thread without an SDK the host tells each run", () =>
  withMark((mark) => proveHostsSpans((options) => new ThreadPoolExecutor(options), mark)));

test("of a process without an SDK the host tells each run", () =>
  withMark((mark) => proveHostsSpans((options) => new ProcessPoolExecutor(options), mark)));
