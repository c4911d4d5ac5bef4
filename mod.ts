/**
 * Python's `concurrent.futures` for TypeScript: `Future`, executors, `wait`, `asCompleted`, on every runtime.
 *
 * This entry is the core: it runs on Deno, Bun, Node, in pages and at the edge. Threads and processes come from the
 * entries of runtimes: `@concurrent/futures/deno`, `/bun`, `/node` and, threads only, `/browser`.
 *
 * @example Bounded concurrency on the current event loop
 * ```ts
 * import assert from "node:assert/strict";
 * import { asCompleted, EventLoopExecutor } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor({ maxWorkers: 4 });
 * const futures = [1, 2, 3].map((n) => executor.submit(async (n: number) => n * n, n));
 * const squares: number[] = [];
 * for await (const done of asCompleted(futures)) squares.push(await done);
 * assert(squares.length === 3);
 * ```
 *
 * @module
 */

import "./modules/core/disposal.ts";
import "./modules/workers/async_context.ts";
import { heedMark } from "./modules/workers/worker_mark.ts";

export * from "./modules/core/mod.ts";

// Here too: a program that was started in place of a worker may get no further than this.
heedMark();
