// Faults of the link: garbage, halves and forgeries where messages should be.
import assert from "node:assert/strict";
import type { ChannelHandlers } from "../../core/seam/channel.ts";
import type { WorkerMessage } from "../../core/seam/messages.ts";
import { withProcesses, withScripts } from "../../testing/applicability.ts";
import { runScript } from "../../testing/run_script.ts";
import { gates } from "../../testing/tasks.ts";
import { ownScript } from "../own_script.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import { forgeablePool, withSpawn } from "./forgeable_pool.ts";

/** Messages no worker of ours sends, and whether its worker can be trusted after each. */
const FORGERIES: readonly (readonly [what: string, message: unknown, trusted: boolean])[] = [
  ["nothing", undefined, false],
  ["null", null, false],
  ["a number", 7, false],
  ["a text", "settled", false],
  ["no kind", {}, false],
  ["an unknown kind", { kind: "promote" }, false],
  ["a prototype for a kind", { kind: "__proto__" }, false],
  ["an outcome without values", { kind: "settled", first: 0, elapsed: 1 }, false],
  ["an outcome of nothing", { kind: "settled", first: 0, values: [], elapsed: 1 }, false],
  ["an outcome out of turn", { kind: "settled", first: 1e6, values: [1], elapsed: 1 }, false],
  ["an outcome before its time", { kind: "settled", first: 99, values: [1], elapsed: 0 }, false],
  ["an outcome in no time", { kind: "settled", first: 0, values: [1], elapsed: Number.NaN }, false],
  ["a failure to start", { kind: "failed", error: { kind: "value", value: 1 } }, false],
  ["an error that is none", { kind: "fault", error: 7 }, false],
  ["an error without parts", { kind: "fault", error: { kind: "error" } }, true],
  ["progress of nobody", { kind: "progress", seq: 1e9, fraction: 0.5 }, true],
  ["progress of another window", { kind: "progress", seq: 4096 * 3, fraction: 0.5 }, true],
  ["the start of nobody", { kind: "started", seq: -5 }, true],
  ["an abort nobody asked for", { kind: "aborting", seq: 0 }, true],
  ["to be ready again", { kind: "ready" }, true],
  ["an answer to no question", { kind: "pong" }, true],
  ["a link without a word", { kind: "link", seq: 0, link: 0 }, false],
  ["a word that is none", { kind: "link", seq: 0, link: 0, word: { does: "shout" } }, false],
  ["a link of nobody", { kind: "link", seq: 1e9, link: 0, word: { does: "open", to: "" } }, false],
  ["a word on no link", { kind: "link", seq: 0, link: 7, word: { does: "close" } }, false],
];

/** Faults of the link. */
export const linkFaults: readonly Fault[] = [
  {
    id: "forged-messages",
    title:
      "a forged message is ignored, or its worker is ended as faulty; nobody else is settled by it",
    applies: withSpawn,
    async run(scene) {
      const { pool, hosts } = forgeablePool(scene);
      for (const [what, message, trusted] of FORGERIES) {
        const [log, gate] = [scene.log(), scene.gate()];
        await scene.gather(pool, 2);
        const victim = pool.submit(gates.logAndWaitAt, log.path, "in", gate.path, "value");
        const crowd = scene.gather(pool, 10);
        await scene.until(() => log.lines().length === 1 && victim.running());
        const before = scene.reports.length;
        scene.strike();
        (hosts.at(-1) as ChannelHandlers).onMessage(message as WorkerMessage);
        // One that is ended may still finish in the moment it has, if it can.
        if (trusted) gate.open();
        const outcome = await victim.result().catch((error: Error) => error.name);
        gate.open();
        assert.equal(outcome, trusted ? "value" : "WorkerLostError", what);
        await crowd;
        await scene.recover(pool);
        const told = scene.reports.length - before;
        assert.equal(told, trusted && (message as { kind: string }).kind !== "fault" ? 0 : 1, what);
      }
    },
  },
  {
    id: "garbage-on-the-wire",
    title: "a task that writes garbage to its process's sockets costs itself at most",
    applies: withProcesses,
    async run(scene) {
      const garbage = [
        Array.from({ length: 64 }, () => 0xff),
        Array.from({ length: 64 }, () => 0),
        [0xde, 0xad, 0xbe, 0xef, 0x0a],
        [...new TextEncoder().encode('{"kind":"settled"}\n')],
      ];
      for (const bytes of garbage) {
        const pool = await scene.pool({ maxWorkers: 1 });
        const before = scene.gather(pool, 5);
        scene.strike();
        // Its answer may come through or not; that it comes to an end is the point.
        const task = harm.writeToSockets.with({ timeout: 2000 });
        await pool.submit(task, bytes).exception();
        await scene.recover(pool);
        await before;
        await pool.shutdown();
      }
    },
  },
  {
    id: "half-a-frame",
    title: "a task that announces more than it sends is ended by its timeout; memory stays bounded",
    applies: withProcesses,
    async run(scene) {
      // A length of two gigabytes, and of a little more than follows.
      for (const bytes of [
        [2, 0xff, 0xff, 0xff, 0x7f],
        [2, 40, 0, 0, 0],
      ]) {
        const pool = await scene.pool({ maxWorkers: 1, heartbeat: 500 });
        const rss = globalThis.process.memoryUsage().rss;
        scene.strike();
        await pool.submit(harm.writeToSockets.with({ timeout: 300 }), bytes).exception();
        await scene.recover(pool);
        assert.ok(globalThis.process.memoryUsage().rss - rss < 200 * 2 ** 20);
        await pool.shutdown();
      }
      // A worker that has nothing to do and is not heard any more is one for the heartbeat.
      for (const report of scene.reports)
        assert.match(String(report.error), /unresponsive|Cannot trust/);
    },
  },
  {
    id: "output-flood",
    title: "a worker that floods stdout and stderr holds up no message, and all of it comes out",
    applies: (subject) => {
      const scripts = withScripts(subject);
      if (scripts !== true) return scripts;
      return subject.traits.workers || "its output is the program's own";
    },
    async run(scene) {
      scene.strike();
      const mebibytes = scene.amount(4, 32);
      const outcome = await runScript(scene, ownScript("floods_output.ts"), [`${mebibytes}`]);
      assert.equal(outcome.code, 0, outcome.stderr.slice(-500));
      assert.match(outcome.stdout, /flooded 100\n$/);
      assert.ok(outcome.stdout.length >= mebibytes * 2 ** 20);
      assert.ok(outcome.stderr.length >= mebibytes * 2 ** 20);
    },
  },
];
