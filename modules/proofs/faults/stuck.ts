// Faults of a worker that goes on for ever, or is stopped.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { delay } from "deno-std/async/delay.js";
import { CancelledError, TimeoutError } from "../../../mod.ts";
import { withProcesses, withRealWorkers } from "../../testing/applicability.ts";
import { runScript } from "../../testing/run_script.ts";
import { gates, places } from "../../testing/tasks.ts";
import { timeToStart } from "../../testing/time_to_start.ts";
import { ownScript } from "../own_script.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";

const STUCK = [
  ["loop", "a busy loop", harm.spinForEver],
  ["expression", "an endless regular expression", harm.matchForEver],
  ["wait", "Atomics.wait() for ever", harm.waitForEver],
  ["microtasks", "endless microtasks", harm.microtasksForEver],
  ["wasm", "an endless loop in WebAssembly", harm.webAssemblyForEver],
] as const;

/** Faults of workers that do not come back. */
export const stuckFaults: readonly Fault[] = [
  ...STUCK.map(
    ([name, what, task]): Fault => ({
      id: `stuck-${name}`,
      title: `${what} is ended by a timeout and by an interrupt; the place is free again`,
      applies: withRealWorkers,
      async run(scene) {
        const pool = await scene.pool({ maxWorkers: 1 });
        const { stopsBusyWorkers } = scene.subject.traits;
        const gate = scene.gate();
        scene.strike();
        const late = pool.submit(task.with({ timeout: 50 }), scene.log().path, gate.path);
        const crowd = scene.gather(pool, 10);
        await assert.rejects(late.result(), TimeoutError);
        await scene.recover(pool);
        await crowd;
        const log = scene.log();
        const interrupted = pool.submit(task, log.path, gate.path);
        await scene.until(() => log.lines().length === 1);
        scene.strike();
        assert.equal(interrupted.cancel({ interrupt: true }), true);
        await assert.rejects(interrupted.result(), CancelledError);
        await scene.recover(pool);
        const { abandoned, lost } = pool.stats();
        // WebAssembly in a thread is what Bun does not stop at once, either.
        const stops = stopsBusyWorkers && (name !== "wasm" || scene.subject.traits.processes);
        if (stops) assert.equal(abandoned, 0);
        assert.equal(lost, 0, "they were ended, not lost");
      },
    }),
  ),
  {
    id: "stuck-program-ends",
    title: "a program whose interrupted task never ends can end all the same",
    applies: (subject) => {
      const real = withRealWorkers(subject);
      if (real !== true) return real;
      return subject.script !== undefined || "there is no program";
    },
    async run(scene) {
      for (const deed of ["spin-cancel", "spin-timeout"]) {
        scene.strike();
        const { stdout, stderr, code } = await runScript(scene, "crash.ts", [deed]);
        const expected = "settled\nbehind 4 9\nnext 16\nend\n";
        assert.deepEqual({ stdout, code }, { stdout: expected, code: 0 }, stderr);
      }
    },
  },
  {
    id: "stopped-timeout",
    title: "SIGSTOP for a worker is caught by its task's timeout",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const [gate, log] = [scene.gate(), scene.log()];
      // So much that it runs before that is over.
      const timeout = await timeToStart(scene);
      const task = places.logPidAndWaitAt.with({ timeout });
      const victim = pool.submit(task, log.path, gate.path);
      const crowd = scene.gather(pool, 10);
      await scene.until(() => log.lines().length === 1);
      scene.strike();
      process.kill(Number(log.lines()[0]), "SIGSTOP");
      await assert.rejects(victim.result(), TimeoutError);
      await scene.recover(pool);
      await crowd;
    },
  },
  {
    id: "stopped-heartbeat",
    title: "SIGSTOP for an idle worker is caught by the heartbeat",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1, heartbeat: 300 });
      const { pid } = await pool.submit(places.whereAmI);
      scene.strike();
      process.kill(pid, "SIGSTOP");
      // Sent to it before anybody knows: it cannot begin them, so they run elsewhere.
      await scene.gather(pool, 10);
      await scene.recover(pool);
      assert.match(String(scene.reports[0]?.error), /unresponsive/);
    },
  },
  {
    id: "stopped-continued",
    title: "SIGSTOP and SIGCONT of a worker, without a limit set, costs nothing but the time",
    applies: withProcesses,
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1 });
      const { pid } = await pool.submit(places.whereAmI);
      scene.strike();
      process.kill(pid, "SIGSTOP");
      const crowd = scene.gather(pool, 10);
      await delay(scene.amount(100, 5000));
      process.kill(pid, "SIGCONT");
      await crowd;
      await scene.recover(pool);
      assert.equal((await pool.submit(places.whereAmI)).pid, pid);
    },
  },
  {
    id: "host-stopped",
    title: "SIGSTOP and SIGCONT of the host causes no false timeout and no false death",
    applies: (subject) => {
      const real = withRealWorkers(subject);
      if (real !== true) return real;
      if (subject.script === undefined) return "there is no program";
      return process.platform !== "win32" || "Windows has no SIGSTOP";
    },
    async run(scene) {
      const { path } = scene.log();
      let host = -1;
      const running = runScript(scene, ownScript("host_stopped.ts"), [path], {
        started: (pid) => {
          host = pid;
        },
      });
      const asked = () => (existsSync(path) ? Number(readFileSync(path, "utf8")) : 0);
      await Promise.race([running, scene.until(() => asked() > 0)]);
      scene.strike();
      process.kill(host, "SIGSTOP");
      await delay(asked());
      process.kill(host, "SIGCONT");
      const { stdout, stderr, code } = await running;
      assert.deepEqual(
        { stdout, code },
        { stdout: "20 done, 0 lost, 0 reports\n", code: 0 },
        stderr,
      );
    },
  },
  {
    id: "clock-jumps",
    title: "a wall clock that jumps an hour, either way, changes no timeout",
    applies: () => true,
    async run(scene) {
      const pool = await scene.pool();
      const now = Date.now;
      scene.strike();
      try {
        for (const jump of [3_600_000, -3_600_000]) {
          const gate = scene.gate();
          const patient = pool.submit(gates.waitAt.with({ timeout: 60_000 }), gate.path, "kept");
          const late = pool.submit(gates.waitAt.with({ timeout: 50 }), scene.gate().path, 1);
          await scene.until(() => patient.running());
          Date.now = () => now() + jump;
          await assert.rejects(late.result(), TimeoutError);
          assert.equal(patient.state, "running");
          gate.open();
          assert.equal(await patient, "kept");
        }
      } finally {
        Date.now = now;
      }
      if (scene.subject.traits.workers) await scene.recover(pool);
    },
  },
];
