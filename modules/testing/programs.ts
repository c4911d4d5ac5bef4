/**
 * What tests of programs that use pools take: a fake backend whose workers die when asked to, and gates that hold tasks back.
 *
 * On npm this is all of `@concurrent/futures/testing`; the conformance suite, for authors of other backends, is the package
 * `@concurrent/futures-testing` there. Elsewhere it is a part of the same entry.
 *
 * @example A worker that dies when the test wants it
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks, PoolExecutor } from "@concurrent/futures";
 * import { createFakeSpawn } from "@concurrent/futures/testing";
 *
 * const tasks = importTasks<{ wait(): Promise<never> }>(
 *   "data:text/javascript,export function wait() { return new Promise(() => {}) }",
 * );
 * await using pool = new PoolExecutor(createFakeSpawn({ diesAtStart: () => true }), { maxWorkers: 1 });
 * assert(await pool.submit(tasks.wait).exception() instanceof Error);
 * ```
 *
 * @module
 */

export {
  createFakeSpawn,
  exitFakeWorker,
  type FakeFaults,
  liveFakeWorkers,
} from "./fake_channel.ts";
export { CaseLog, Gate } from "./gate.ts";
