// Faults of a worker that dies: by a signal, by its own exit, with others, with its child.

import assert from "node:assert/strict";
import process from "node:process";
import { delay } from "deno-std/async/delay.js";
import { type Executor, type Future, WorkerLostError } from "../../../mod.ts";
import { withProcesses, withRealWorkers, withWorkers } from "../../testing/applicability.ts";
import { isAlive } from "../../testing/is_alive.ts";
import { runScript } from "../../testing/run_script.ts";
import { deaths, places } from "../../testing/tasks.ts";
import { ownScript } from "../own_script.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

/** What ends a process from outside. SIGSEGV stands for every crash of native code. */
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGSEGV"] as const;

/** Where a worker is a thread, a signal for it is one for the program. */
const asProcess: Fault["applies"] = (subject) => {
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

/** Faults of dying workers. */
export const deathFaults: readonly Fault[] = [
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
  {
    id: "abort",
    title: "a process that aborts costs its task",
    applies: (subject) => {
      const process = asProcess(subject);
      // In its threads Deno refuses it, which is an error as any other.
      if (typeof process !== "object" || "Deno" in globalThis) return withRealWorkers(subject);
      const trial = async (scene: FaultScene) => {
        const { code, signal } = await runScript(scene, ownScript("dies.ts"), ["abort"]);
        assert.ok(signal !== null || (code ?? 0) > 0, "the program died with its thread");
      };
      return { cannot: "a thread that aborts, aborts the program", trial };
    },
    async run(scene) {
      const pool = await scene.pool();
      scene.strike();
      const error = await pool.submit(harm.abort).exception();
      if (scene.subject.traits.processes) {
        assert.ok(error instanceof WorkerLostError, String(error));
        assert.ok(error.signal !== undefined || error.exitCode !== 0, "no success");
      } else assert.match(String(error), /abort/);
      await scene.recover(pool);
    },
  },
  ...[0, 3].map(
    (code): Fault => ({
      id: `exit-${code}`,
      title: `process.exit(${code}) in mid-task costs that task, and is no success`,
      applies: withWorkers,
      async run(scene) {
        const pool = await scene.pool();
        const crowd = scene.gather(pool, 20);
        scene.strike();
        const error = await pool.submit(deaths.exit, code).exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        assert.equal(error.exitCode, code);
        await scene.recover(pool);
        await crowd;
      },
    }),
  ),
  {
    id: "exit-silently",
    title:
      "Deno.exit() and self.close() in a thread, where a platform may be silent, cost that task",
    applies: (subject) => {
      const real = withRealWorkers(subject);
      if (real !== true) return real;
      return !subject.traits.processes || "a process has neither";
    },
    async run(scene) {
      const pool = await scene.pool();
      const silent =
        "Deno" in globalThis ? [deaths.denoExit, deaths.closeSelf] : [deaths.closeSelf];
      for (const task of silent) {
        scene.strike();
        const error = await pool.submit(task as typeof deaths.denoExit, 4).exception();
        assert.ok(error instanceof WorkerLostError, String(error));
        await scene.recover(pool);
      }
    },
  },
  {
    id: "answer-then-exit",
    title: "a worker that answers and exits at once has answered, five megabytes too",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      for (let round = 0; round < scene.amount(5, 50); round++) {
        scene.strike();
        const answer = await pool.submit(harm.answerAndExit, 5_000_000);
        assert.equal(answer.length, 5_000_000);
        // Whatever it would begin now, it would take along.
        await scene.until(() => pool.stats().workers === 0);
        await scene.recover(pool);
      }
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "child-holds-on",
    title: "a worker whose own child holds its pipes open is seen to be gone all the same",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool();
      const log = scene.log();
      scene.strike();
      const error = await pool.submit(harm.leaveChildAndExit, log.path, 3).exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      assert.equal(error.exitCode, 3);
      const child = Number(log.lines()[0]);
      await scene.recover(pool);
      if (isAlive(child)) process.kill(child, "SIGKILL");
    },
  },
  {
    id: "all-die",
    title: "every worker dies at once: all are replaced, and each lost its own task only",
    applies: withRealWorkers,
    async run(scene) {
      const maxWorkers = scene.amount(4, 64);
      const pool = await scene.pool({ maxWorkers });
      const gate = scene.gate();
      const log = scene.log();
      const victims = Array.from({ length: maxWorkers }, () =>
        pool.submit(deaths.logAndExitAt, log.path, gate.path, 9),
      );
      await scene.until(() => log.lines().length === maxWorkers);
      const crowd = scene.gather(pool, 100);
      scene.strike();
      gate.open();
      const struckAt = performance.now();
      for (const victim of victims) {
        assert.ok((await victim.exception()) instanceof WorkerLostError);
      }
      await scene.recover(pool);
      await crowd;
      assert.equal(pool.stats().lost, maxWorkers);
      // All of them once more, each with a task of its own.
      const [anew, here] = [scene.gate(), scene.log()];
      const waiting = Array.from({ length: maxWorkers }, () =>
        pool.submit(places.logPidAndWaitAt, here.path, anew.path),
      );
      await scene.until(() => here.lines().length === maxWorkers);
      scene.note(
        `${maxWorkers} workers are back after ${Math.round(performance.now() - struckAt)} ms`,
      );
      anew.open();
      await Promise.all(waiting);
    },
  },
  {
    id: "kill-each-other",
    title: "workers that kill one another cost each its task, and hang nobody",
    applies: withProcesses,
    async run(scene) {
      for (const maxWorkers of [1, 2, 5, ...(scene.isLong ? [13] : [])]) {
        const pool = await scene.pool({ maxWorkers });
        const pids: number[] = [];
        for (let round = 0; round < scene.amount(2, 100); round++) {
          const [gate, log] = [scene.gate(), scene.log()];
          const waiting = Array.from({ length: maxWorkers }, () =>
            pool.submit(places.logPidAndWaitAt, log.path, gate.path),
          );
          await scene.until(() => log.lines().length === maxWorkers);
          pids.splice(0, pids.length, ...log.lines().map(Number));
          gate.open();
          await Promise.all(waiting);
          scene.strike();
          const killers = Array.from({ length: maxWorkers }, () => pool.submit(harm.killAll, pids));
          for (const killer of killers) {
            const error = await killer.exception();
            assert.ok(error === undefined || error instanceof WorkerLostError, String(error));
          }
        }
        await scene.recover(pool);
        await pool.shutdown();
      }
    },
  },
  {
    id: "poison",
    title: "a poison task that ends every worker, retried five times among thousands, costs itself",
    applies: withWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const log = scene.log();
      const before = scene.gather(pool, scene.amount(1000, 5000));
      scene.strike();
      const poison = pool.submit(deaths.logAndExit.with({ retries: 5 }), log.path, "died", 7);
      const after = scene.gather(pool, scene.amount(1000, 5000));
      const error = await poison.exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      assert.equal(log.lines().length, 6, "once, and five retries");
      await Promise.all([before, after]);
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 6);
    },
  },
  {
    id: "children-of-workers",
    title: "what a task has started in its process ends with that process",
    applies: (subject) => {
      const processes = withProcesses(subject);
      if (processes !== true || "Bun" in globalThis) return processes;
      return {
        cannot:
          "what a killed process has started lives on: in a group of its own it could be killed, too, but would not hear Ctrl-C",
        async trial(scene) {
          const child = Number((await runScript(scene, ownScript("leaves_child.ts"))).stdout);
          assert.ok(isAlive(child), "it outlives the process that started it");
          process.kill(child, "SIGKILL");
        },
      };
    },
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const child = await pool.submit(harm.leaveChild);
      const { pid } = await pool.submit(places.whereAmI);
      scene.strike();
      process.kill(pid, "SIGKILL");
      await scene.recover(pool);
      await scene.until(() => !isAlive(child));
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
