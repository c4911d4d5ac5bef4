// Faults of a worker that is killed from outside: by a signal, while it runs, idles, starts or sends.

import assert from "node:assert/strict";
import process from "node:process";
import { delay } from "deno-std/async/delay.js";
import { type Executor, type Future, WorkerLostError } from "../../../mod.ts";
import { withProcesses, withRealWorkers } from "../../testing/applicability.ts";
import { runScript } from "../../testing/run_script.ts";
import { places } from "../../testing/tasks.ts";
import { ownScript } from "../own_script.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

/** What ends a process from outside. SIGSEGV stands for every crash of native code. */
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGSEGV"] as const;

/** Where a worker is a thread, a signal for it is one for the program. */
export const asProcess: Fault["applies"] = (subject) => {
  const real = withRealWorkers(subject);
  if (real !== true || subject.traits.processes) return real;
  return {
    cannot: "a thread has no life of its own: what kills it kills the program",
    // One trial for all of them.
    trial: (scene) => {
      const { name } = scene.subject;
      const trial = trials.get(name) ?? dieByThread(scene);
      trials.set(name, trial);
      return trial;
    },
  };
};

const trials = new Map<string, Promise<void>>();

async function dieByThread(scene: FaultScene): Promise<void> {
  const { signal, code } = await runScript(scene, ownScript("dies.ts"), ["kill"]);
  assert.ok(signal === "SIGKILL" || code === 137, `${signal} ${code}`);
}

/** Faults of workers that are killed. */
export const killFaults: readonly Fault[] = [
  ...SIGNALS.map(
    (signal): Fault => ({
      id: `kill-running-${signal}`,
      title: `${signal} for a worker that runs a task costs that task`,
      applies: asProcess,
      async run(scene) {
        // Otherwise SIGTERM is let pass.
        const pool = await scene.pool({ signals: "default" } as object);
        const { pid, victim } = await occupyOne(scene, pool);
        const crowd = scene.gather(pool, 20);
        scene.strike();
        // A runtime's own handler may let the first SIGSEGV pass, if no instruction is to blame for it.
        do killIfAlive(pid, signal);
        while (!(await isOver(victim)) && signal === "SIGSEGV");
        const error = await victim.exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        // What a runtime does in its own crash handler may end in another signal, but not in silence.
        assert.ok(signal === "SIGSEGV" || error.signal === signal, `${error.signal}`);
        assert.ok(error.signal !== undefined || error.exitCode !== 0);
        await scene.recover(pool);
        await crowd;
        assert.equal(pool.stats().lost, 1);
      },
    }),
  ),
  {
    id: "signal-passes",
    title: "SIGINT, SIGTERM and SIGHUP for a worker, busy or idle, cost nothing",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const { pid } = await pool.submit(places.whereAmI);
      const [gate, log] = [scene.gate(), scene.log()];
      const running = pool.submit(places.logPidAndWaitAt, log.path, gate.path);
      await scene.until(() => log.lines().length === 1);
      const crowd = scene.gather(pool, 20);
      scene.strike();
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
      gate.open();
      assert.equal(await running, pid);
      await crowd;
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
      await scene.recover(pool);
      assert.equal((await pool.submit(places.whereAmI)).pid, pid);
    },
  },
  {
    id: "kill-many-times",
    title: "SIGKILL again and again: each costs one task, and all others run once",
    applies: asProcess,
    async run(scene) {
      const pool = await scene.pool();
      const detections: number[] = [];
      for (let round = 0; round < scene.amount(10, 300); round++) {
        const { pid, victim } = await occupyOne(scene, pool);
        const crowd = scene.gather(pool, 10);
        scene.strike();
        const killedAt = performance.now();
        process.kill(pid, "SIGKILL");
        assert.ok((await victim.exception()) instanceof WorkerLostError);
        detections.push(performance.now() - killedAt);
        await crowd;
      }
      await scene.recover(pool);
      assert.equal(pool.stats().lost, detections.length);
      detections.sort((a, b) => a - b);
      const [median, late] = [0.5, 0.99].map((share) =>
        detections[Math.floor(share * detections.length)]?.toFixed(1),
      );
      scene.note(
        `${detections.length} kills, seen by their futures within ${median} ms (median), ${late} ms (99 of 100)`,
      );
    },
  },
  {
    id: "kill-idle",
    title: "SIGKILL for an idle worker costs nothing",
    applies: asProcess,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const { pid } = await pool.submit(places.whereAmI);
      scene.strike();
      process.kill(pid, "SIGKILL");
      // At once, so that some are sent to a process that is dead already.
      await scene.gather(pool, 50);
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "kill-starting",
    title: "SIGKILL for a worker that starts costs nothing: another one starts",
    applies: asProcess,
    async run(scene) {
      const [gate, log] = [scene.gate(), scene.log()];
      const initializer = harm.startAt;
      const initializerArgs = [log.path, gate.path];
      const pool = scene.create({ maxWorkers: 1, initializer, initializerArgs });
      const crowd = scene.gather(pool, 10);
      await scene.until(() => log.lines().length === 1);
      scene.strike();
      process.kill(Number(log.lines()[0]), "SIGKILL");
      gate.open();
      await crowd;
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "kill-sending",
    title: "SIGKILL for a worker that sends a large result: the whole value, or a lost worker",
    applies: asProcess,
    async run(scene) {
      const pool = await scene.pool();
      const bytes = scene.amount(16, 128) * 2 ** 20;
      for (let round = 0; round < scene.amount(2, 10); round++) {
        const log = scene.log();
        const { pid } = await pool.submit(places.whereAmI);
        const large = pool.submit(harm.makeBytes, log.path, bytes);
        await scene.until(() => log.lines().length === 1);
        scene.strike();
        process.kill(pid, "SIGKILL");
        const outcome = await large.result().catch((error: unknown) => error);
        if (!(outcome instanceof WorkerLostError))
          assert.equal((outcome as Uint8Array).length, bytes);
        await scene.gather(pool, 5);
      }
      await scene.recover(pool);
    },
  },
];

/** Has one worker wait in a task, and tells which process it is. */
async function occupyOne(
  scene: FaultScene,
  pool: Executor,
): Promise<{ pid: number; victim: Future<unknown> }> {
  const [gate, log] = [scene.gate(), scene.log()];
  const victim = pool.submit(places.logPidAndWaitAt, log.path, gate.path);
  await scene.until(() => log.lines().length === 1);
  return { pid: Number(log.lines()[0]), victim };
}

/** It may be gone before anybody has heard of it. */
function killIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as { code?: string }).code !== "ESRCH") throw error;
  }
}

/** Whether a future is done within a moment. */
async function isOver(future: Future<unknown>): Promise<boolean> {
  for (let look = 0; look < 20 && !future.done(); look++) {
    await delay(5);
  }
  return future.done();
}
