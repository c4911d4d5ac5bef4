// Faults of a worker that dies of itself: by its own exit, with others, with its child.

import assert from "node:assert/strict";
import process from "node:process";
import { WorkerLostError } from "../../../mod.ts";
import { withProcesses, withRealWorkers, withWorkers } from "../../testing/applicability.ts";
import { isAlive } from "../../testing/is_alive.ts";
import { runScript } from "../../testing/run_script.ts";
import { deaths, places } from "../../testing/tasks.ts";
import { ownScript } from "../own_script.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";
import { asProcess } from "./kills.ts";

/** Faults of workers that die of themselves. */
export const deathFaults: readonly Fault[] = [
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
