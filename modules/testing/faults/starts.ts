// Faults of starting: workers that cannot be started, or are none.
import assert from "node:assert/strict";
import { copyFileSync, linkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BrokenExecutorError, PoolExecutor } from "../../../mod.ts";
import type { Spawn } from "../../core/channel.ts";
import { withProcesses, withScripts } from "../cases/_applicability.ts";
import { runScript } from "../cases/_run_script.ts";
import type { Subject } from "../subject.ts";
import { arithmetic } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";

const withSpawn: Fault["applies"] = ({ spawn }) =>
  spawn !== undefined || "nothing is started: tasks run on the host's own event loop";

const withPrograms: Fault["applies"] = (subject: Subject) => {
  const processes = withProcesses(subject);
  return processes === true ? withScripts(subject) : processes;
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
        const { stdout, stderr, code } = await runScript(scene, "broken_binary.ts", args, {
          executable,
        });
        assert.match(stdout, /^BrokenExecutorError: .*\n[1-9] tries\nend\n$/, stderr);
        assert.equal(code, 0);
      },
    }),
  ),
  {
    id: "ulimit-n",
    title: "with few file descriptors a large pool works with what there is, or says what it lacks",
    applies: (subject) => {
      const scripts = withScripts(subject);
      if (scripts !== true) return scripts;
      if (process.platform === "win32") return "Windows has no ulimit";
      const contained =
        "Deno" in globalThis || "Bun" in globalThis ? subject.traits.processes : true;
      if (contained || !subject.traits.workers) return true;
      return {
        cannot: "a thread that finds no file descriptor ends the whole program",
        trial: async (scene) => {
          const outcome = await runScript(scene, "many_threads.ts", [], FEW_DESCRIPTORS);
          assert.notEqual(outcome.code, 0, "the runtime ends it, and not quietly");
          assert.match(outcome.stderr, /panicked|file descriptors/);
        },
      };
    },
    run: (scene) => runMany(scene, FEW_DESCRIPTORS),
  },
  {
    id: "ulimit-u",
    title:
      "where few processes are allowed a large pool works with what there is, or says what it lacks",
    applies: (subject) => {
      const programs = withPrograms(subject);
      if (programs !== true) return programs;
      if (process.platform === "win32") return "Windows has no ulimit";
      return process.getuid?.() !== 0 || "root is not bound by it";
    },
    run: (scene) => runMany(scene, FEW_PROCESSES),
  },
];

const FEW_DESCRIPTORS = { limit: "-n 64" };
const FEW_PROCESSES = { limit: "-u 40" };

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

async function runMany(scene: FaultScene, limit: { limit: string }): Promise<void> {
  const outcome = await runScript(scene, "many_workers.ts", [], limit);
  assert.match(outcome.stdout, /^(100 done|.*: .+)\nend\n$/, outcome.stderr);
  assert.equal(outcome.signal, null);
}
