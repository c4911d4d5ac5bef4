// Faults of starting: workers that cannot be started, or are none.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, linkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BrokenExecutorError, PoolExecutor } from "../../../mod.ts";
import type { Channel, Spawn } from "../../core/seam/channel.ts";
import { withProcesses, withScripts } from "../../testing/applicability.ts";
import { runScript, type ScriptOutcome } from "../../testing/run_script.ts";
import type { Subject } from "../../testing/subject.ts";
import { arithmetic } from "../../testing/tasks.ts";
import { ownScript } from "../own_script.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

const withSpawn: Fault["applies"] = ({ spawn }) =>
  spawn !== undefined || "nothing is started: tasks run on the host's own event loop";

const withPrograms: Fault["applies"] = (subject: Subject) => {
  const processes = withProcesses(subject);
  return processes === true ? withScripts(subject) : processes;
};

const withLimits: Fault["applies"] = (subject) => {
  const scripts = withScripts(subject);
  if (scripts !== true) return scripts;
  return process.platform !== "win32" || "Windows has no ulimit";
};

/** Faults of starting. */
export const startFaults: readonly Fault[] = [
  {
    id: "spawn-throws",
    title: "a platform that starts no worker breaks the executor after five tries, with pauses",
    applies: withSpawn,
    async run(scene) {
      let tries = 0;
      const refuse: Spawn = () => {
        tries++;
        throw Object.assign(new Error("spawn EAGAIN"), { code: "EAGAIN" });
      };
      const pool = scene.keep(new PoolExecutor(refuse, { maxWorkers: 4, onError: scene.onError }));
      const start = performance.now();
      const futures = Array.from({ length: 100 }, (_, n) => pool.submit(arithmetic.square, n));
      for (const future of futures) {
        const error = await future.exception();
        assert.ok(error instanceof BrokenExecutorError, String(error));
        assert.match(error.message, /could not be started: spawn EAGAIN/);
      }
      const took = performance.now() - start;
      assert.ok(took >= 700 && tries === 5, `${tries} tries in ${took} ms`);
    },
  },
  {
    id: "spawn-recovers",
    title: "a platform that starts no worker for a moment costs the pauses only",
    applies: withSpawn,
    async run(scene) {
      const { spawn } = scene.subject;
      assert.ok(spawn);
      let tries = 0;
      const hesitate: Spawn = (...args) => {
        if (++tries <= 3) throw Object.assign(new Error("EMFILE"), { code: "EMFILE" });
        return spawn(...args);
      };
      const options = { maxWorkers: 2, onError: scene.onError };
      const pool = scene.keep(new PoolExecutor(hesitate, options));
      scene.strike();
      await scene.gather(pool, 50);
      await scene.recover(pool);
    },
  },
  {
    id: "spawn-crowded",
    title:
      "where workers that start together all fail, one at a time is started, and the tasks run",
    applies: withSpawn,
    async run(scene) {
      const { spawn } = scene.subject;
      assert.ok(spawn);
      const maxWorkers = 8;
      const starting = new Set<Channel>();
      const failed = new Set<Channel>();
      let spawned = 0;
      const crowded: Spawn = (handlers, worker) => {
        spawned++;
        const channel = spawn(
          {
            onMessage(message) {
              // What has failed to start never says that it is ready, though it may have been on its way to.
              if (failed.has(channel)) return;
              if (message.kind === "ready") starting.delete(channel);
              handlers.onMessage(message);
            },
            onExit(exit) {
              starting.delete(channel);
              handlers.onExit(exit);
            },
          },
          worker,
        );
        starting.add(channel);
        if (starting.size > 1) {
          for (const each of starting) {
            failed.add(each);
            each.terminate(false);
          }
        }
        return channel;
      };
      const options = { maxWorkers, onError: scene.onError };
      const pool = scene.keep(new PoolExecutor(crowded, options));
      scene.strike();
      await scene.gather(pool, 100);
      await scene.recover(pool);
      assert.ok(spawned <= 2 * maxWorkers, `${spawned} were started`);
    },
  },
  {
    id: "dies-when-ready",
    title:
      "workers that die as soon as they are ready break the executor instead of being started for ever",
    applies: withSpawn,
    async run(scene) {
      const { spawn } = scene.subject;
      assert.ok(spawn);
      let spawned = 0;
      const doomed: Spawn = (handlers, worker) => {
        spawned++;
        const channel = spawn(
          {
            ...handlers,
            onMessage(message) {
              if (message.kind === "ready") channel.terminate(false);
              handlers.onMessage(message);
            },
          },
          worker,
        );
        // What is sent to it after that comes too late for it.
        return { ...channel, send: (message) => message.kind !== "run" && channel.send(message) };
      };
      const pool = scene.keep(new PoolExecutor(doomed, { maxWorkers: 1, onError: scene.onError }));
      const error = await pool.submit(arithmetic.square, 3).exception();
      assert.ok(error instanceof BrokenExecutorError, String(error));
      assert.equal(spawned, 5);
    },
  },
  ...[
    ["missing", "that is missing"],
    ["not-executable", "that may not be executed"],
    ["alien", "that is another program, and ends"],
    ["alien-stays", "that is another program, and stays"],
  ].map(
    ([name, what]): Fault => ({
      id: `binary-${name}`,
      title: `a worker's program ${what} is one clear error, after a few tries`,
      applies: withPrograms,
      async run(scene) {
        const executable = linkProgram(scene);
        const args = [name as string, executable];
        const { stdout, stderr, code } = await runScript(
          scene,
          ownScript("broken_binary.ts"),
          args,
          {
            executable,
          },
        );
        assert.match(stdout, /^BrokenExecutorError: .*\n[1-9] tries\nend\n$/, stderr);
        assert.equal(code, 0);
      },
    }),
  ),
  {
    id: "disk-full",
    title:
      "where nothing can be written to any file, as on a full disk, all tasks run, if more slowly",
    applies: withLimits,
    async run(scene) {
      const { stdout, stderr } = await runScript(
        scene,
        ownScript("many_workers.ts"),
        ["8"],
        FULL_DISK,
      );
      assert.equal(stdout, "100 done\nend\n", stderr);
    },
  },
  {
    id: "ulimit-n",
    title:
      "without file descriptors a large pool works with what there is, or says what it lacks, and recovers when some are freed",
    applies: (subject) => {
      const limits = withLimits(subject);
      if (limits !== true) return limits;
      const isNode = !("Deno" in globalThis || "Bun" in globalThis);
      if (isNode || subject.traits.processes || !subject.traits.workers) return true;
      return {
        cannot: "a thread that finds no file descriptor ends the whole program",
        trial: async (scene) => {
          const outcome = await runScript(scene, ownScript("many_threads.ts"), [], FEW_DESCRIPTORS);
          assert.notEqual(outcome.code, 0, "the runtime ends it, and not quietly");
          assert.match(outcome.stderr, /panicked|file descriptors/);
        },
      };
    },
    async run(scene) {
      const outcome = await runScript(scene, ownScript("many_workers.ts"), ["32"], FEW_DESCRIPTORS);
      assert.match(outcome.stdout, WORKS_OR_TELLS, outcome.stderr);
      assert.equal(outcome.signal, null);
      if (!scene.subject.traits.workers) return;
      const freed = await runScript(scene, ownScript("handles_freed.ts"), [], FEW_DESCRIPTORS);
      assert.equal(freed.stdout, "none left\n10 done\nend\n", freed.stderr);
    },
  },
  {
    id: "ulimit-u",
    title:
      "where few processes and threads are allowed a pool works with what there is, or says what it lacks, and recovers when some are freed",
    applies: (subject) => {
      const limits = withLimits(subject);
      if (limits !== true || !subject.traits.workers) return limits;
      if (isRoot() && !existsSync("/usr/bin/setpriv")) {
        return "root is not bound by it, and there is no setpriv to be somebody else";
      }
      return true;
    },
    async run(scene) {
      const outcome = await runScript(
        scene,
        ownScript("many_workers.ts"),
        ["12"],
        fewProcesses(30),
      );
      if (!lackedThread(scene, outcome))
        assert.match(outcome.stdout, WORKS_OR_TELLS, outcome.stderr);
      assert.notEqual(outcome.signal, "SIGKILL", "it hung");
      if (!scene.subject.traits.processes) return;
      const freed = await runScript(scene, ownScript("processes_freed.ts"), [], fewProcesses(64));
      if (!lackedThread(scene, freed))
        assert.equal(freed.stdout, "none left\n10 done\nend\n", freed.stderr);
      assert.notEqual(freed.signal, "SIGKILL", "it hung");
    },
  },
];

/** What a pool prints that has fewer workers than it wants, or none. */
const WORKS_OR_TELLS = /^(100 done|.*: .+)\nend\n$/;
const LACKS_THREADS = /unable to create worker threads|Bun has crashed|pthread_create/;

/** The host wants threads of its own now and then; one that gets none is ended by its runtime, which says so. */
function lackedThread(scene: FaultScene, { code, stderr }: ScriptOutcome): boolean {
  const isSo = LACKS_THREADS.test(stderr) && code !== 0;
  if (isSo) scene.note("the runtime ended the host itself, for want of a thread");
  return isSo;
}

const FEW_DESCRIPTORS = { limit: "-n 64" };
/** No file may grow. The signal that tells so, and ends who does not know it, is no part of a full disk. */
const FULL_DISK = { limit: "-f 0; trap '' XFSZ" };

/**
 * So many processes and threads: 30 are fewer than twelve workers take; of 64 what a host leaves is enough for a worker,
 * even where it has just loaded its modules with some twenty threads, as Deno does.
 */
function fewProcesses(most: 30 | 64): { limit: string; user?: number } {
  // One letter in some shells, another in others. Somebody new each time: the limit counts all that a user has.
  return {
    limit: `-u ${most} 2>/dev/null || ulimit -p ${most}`,
    ...(isRoot() ? { user: 60_000 + Math.floor(Math.random() * 5000) } : {}),
  };
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Gives the runtime a second name, under which it may be replaced while it runs. */
function linkProgram(scene: FaultScene): string {
  const program = scene.subject.script?.executable as string;
  const link = join(scene.directory, "program");
  try {
    linkSync(program, link);
  } catch {
    // It lies in another file system.
    copyFileSync(program, link);
  }
  return link;
}
