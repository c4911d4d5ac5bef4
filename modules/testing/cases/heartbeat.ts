// Cases of heartbeat: a worker that should answer and does not is ended; one that computes is let alone.
import assert from "node:assert/strict";
import process from "node:process";
import { type Executor, WorkerLostError } from "../../../mod.ts";
import { withOwnWorkers, withProcesses, withRealWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, deaths, gates, places } from "../tasks.ts";

// Long enough for a worker that is well to answer on a machine that is busy, and many times shorter than a case.
const BEAT_MS = 400;

/** Cases of the heartbeat. */
export const heartbeatCases: readonly ConformanceCase[] = [
  {
    id: "cf-heartbeat-well",
    title: "a worker that is well outlives many heartbeats, idle or waiting in a task",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, heartbeat: BEAT_MS });
      const { workerId } = await executor.submit(places.whereAmI);
      await pass(context, 2 * BEAT_MS);
      const { gate, futures } = await occupy(context, executor);
      await pass(context, 2 * BEAT_MS);
      gate.open();
      await futures[0];
      assert.equal((await executor.submit(places.whereAmI)).workerId, workerId);
    },
  },
  {
    id: "cf-heartbeat-computing",
    title: "a worker that computes without a pause is not taken for dead",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, heartbeat: BEAT_MS });
      const [gate, log] = [context.gate(), context.log()];
      const spinning = executor.submit(gates.spinAt, gate.path, log.path);
      await context.until(() => log.lines().length === 1);
      await pass(context, 2 * BEAT_MS);
      assert.equal(spinning.state, "running");
      gate.open();
      await spinning;
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-heartbeat-hung",
    title: "an idle worker whose event loop hangs is ended, and the next task gets another",
    applies: (subject) => {
      const real = withRealWorkers(subject);
      if (real !== true || subject.traits.sharesMemory !== false) return real;
      return "without shared memory the next task counts as begun, and a worker that computes is let alone";
    },
    async run(context) {
      const executor = context.create({ maxWorkers: 1, heartbeat: BEAT_MS });
      const [gate, log] = [context.gate(), context.log()];
      const { workerId } = await executor.submit(places.whereAmI);
      assert.equal(await executor.submit(deaths.spinWhenIdle, gate.path, log.path), "returned");
      await context.until(() => log.lines().length === 1);
      const behind = executor.submit(places.whereAmI);
      assert.notEqual((await behind).workerId, workerId);
      assertUnresponsive(context);
      gate.open();
    },
  },
  {
    id: "cf-heartbeat-stopped",
    title: "a process stopped by SIGSTOP is ended, idle or in a task, and reported as unresponsive",
    applies: withOwnWorkers(withProcesses),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, heartbeat: BEAT_MS });
      const idle = await executor.submit(places.whereAmI);
      process.kill(idle.pid, "SIGSTOP");
      await context.until(() => executor.stats().workers === 0);
      assert.equal(executor.stats().lost, 0, "it had no task");
      assertUnresponsive(context);

      const busy = await executor.submit(places.whereAmI);
      const { gate, futures } = await occupy(context, executor);
      const behind = executor.submit(arithmetic.square, 3);
      process.kill(busy.pid, "SIGSTOP");
      const error = await futures[0]?.exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      assert.match(String((error.cause as Error).message), /unresponsive/);
      assert.equal(await behind, 9);
      gate.open();
    },
  },
  {
    id: "cf-heartbeat-continued",
    title: "a process that is stopped for less than a heartbeat goes on as if nothing had been",
    applies: withOwnWorkers(withProcesses),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, heartbeat: 60_000 });
      const { pid } = await executor.submit(places.whereAmI);
      const { gate, futures } = await occupy(context, executor);
      process.kill(pid, "SIGSTOP");
      gate.open();
      await pass(context, BEAT_MS / 4);
      assert.equal(futures[0]?.done(), false);
      process.kill(pid, "SIGCONT");
      await futures[0];
      assert.equal((await executor.submit(places.whereAmI)).pid, pid);
    },
  },
  {
    id: "cf-stopped-timeout",
    title: "a process stopped by SIGSTOP is caught by its task's timeout, without a heartbeat",
    applies: withProcesses,
    async run(context) {
      const executor: Executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const { pid } = await executor.submit(places.whereAmI);
      const log = context.log();
      const task = gates.logAndWaitAt.with({ timeout: BEAT_MS });
      const future = executor.submit(task, log.path, "runs", context.gate().path);
      await context.until(() => log.lines().length === 1 && future.running());
      process.kill(pid, "SIGSTOP");
      await assert.rejects(future.result(), { name: "TimeoutError" });
      assert.notEqual((await executor.submit(places.whereAmI)).pid, pid);
    },
  },
];

/** Lets a time pass in which nothing shall happen. */
async function pass(context: CaseContext, ms: number): Promise<void> {
  const start = performance.now();
  await context.until(() => performance.now() - start > ms);
}

function assertUnresponsive({ reports }: CaseContext): void {
  assert.equal(reports.length, 1);
  assert.equal(reports[0]?.about.kind, "worker");
  assert.match(String(reports[0]?.error), /is unresponsive/);
}
