// Faults of memory: tasks that take all there is.

import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import { delay } from "deno-std/async/delay.js";
import { WorkerLostError } from "../../../mod.ts";
import { withRealWorkers } from "../../testing/applicability.ts";
import { runScript } from "../../testing/run_script.ts";
import type { Subject } from "../../testing/subject.ts";
import { memory, places } from "../../testing/tasks.ts";
import { ownScript } from "../own_script.ts";
import { harm } from "../tasks.ts";
import type { Fault, Limit } from "./fault.ts";

/** Well above what a runtime takes for itself. */
const LIMIT_MIB = "Deno" in globalThis ? 400 : 160;
/** A thread's is of its heap alone, which is soon filled. */
const THREAD_LIMIT_MIB = 64;
/** What a thread may have besides: V8 collects buffers no sooner. */
const UNCOLLECTED_MIB = 64;

/** Faults of memory. */
export const memoryFaults: readonly Fault[] = [
  {
    id: "heap-outgrown",
    title: "a task whose heap outgrows memoryLimit is lost, and nothing else",
    applies: (subject) => asPool(subject, "heap"),
    async run(scene) {
      const memoryLimit = scene.subject.traits.processes ? LIMIT_MIB : THREAD_LIMIT_MIB;
      const pool = await scene.pool({ memoryLimit } as object);
      const crowd = scene.gather(pool, 20);
      scene.strike();
      const error = await pool.submit(harm.fillHeap).exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      await scene.recover(pool);
      await crowd;
      assert.equal(pool.stats().lost, 1);
      // A process that is ended for it is reported; a thread's own end says why.
      assert.ok(scene.reports.length <= 1);
    },
  },
  {
    id: "doubles-outgrown",
    title: "a task that makes nothing but arrays of numbers is lost when it outgrows memoryLimit",
    applies: (subject) => {
      const real = withRealWorkers(subject);
      if (real !== true || subject.traits.processes) return real;
      if ("Bun" in globalThis) return asPool(subject, "heap");
      if (!("Deno" in globalThis)) return true;
      return {
        cannot:
          "V8 asks such a loop to stop, and it never hears it, unless Deno is started with a flag for that",
        async trial(scene) {
          const args = ["doubles", `${2 * THREAD_LIMIT_MIB}`];
          const script = scene.subject.script as NonNullable<Subject["script"]>;
          const flags = [...script.flags, "--v8-flags=--no-turboshaft-loop-unrolling"];
          const subject = { ...scene.subject, script: { ...script, flags } };
          const flagged = await runScript({ subject }, ownScript("outgrows.ts"), args);
          assert.match(flagged.stdout, /^ended: .*memory limit/);
          // Longer than all of that took is for ever. It hears as long as V8 has not optimised the loop, which may take longer
          // than to fill the heap.
          const patience = `${Math.max(5000, Math.ceil(2 * flagged.elapsed))}`;
          let said = "";
          for (let n = 0; n < 8 && !/^(goes on|took it all)\n$/.test(said); n++) {
            const more = [...args, patience];
            const { stdout, code } = await runScript(scene, ownScript("outgrows.ts"), more);
            assert.equal(code, 0);
            said = stdout;
          }
          assert.match(said, /^(goes on|took it all)\n$/);
        },
      };
    },
    async run(scene) {
      const pool = await scene.pool({ memoryLimit: LIMIT_MIB } as object);
      scene.strike();
      const error = await pool.submit(harm.fillWithNumbers, Number.POSITIVE_INFINITY).exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      await scene.recover(pool);
      // A process that is ended for it is reported; a thread's own end says why.
      assert.equal(scene.reports.length, scene.subject.traits.processes ? 1 : 0);
    },
  },
  {
    id: "bytes-outgrown",
    title: "a task whose buffers outgrow memoryLimit is lost, and nothing else",
    applies: (subject) => asPool(subject, "bytes"),
    async run(scene) {
      const pool = await scene.pool({ memoryLimit: LIMIT_MIB } as object);
      const crowd = scene.gather(pool, 20);
      scene.strike();
      const error = await pool.submit(memory.keepBytesForEver).exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      assert.match(String(error.cause), /outgrown its memoryLimit/);
      await scene.recover(pool);
      await crowd;
      assert.equal(scene.reports.length, 1);
    },
  },
  {
    id: "memory-recycled",
    title:
      "a worker that has more than memoryLimit when its task is done is replaced; nothing is lost",
    applies: (subject) => asPool(subject, "bytes"),
    async run(scene) {
      const pool = await scene.pool({ maxWorkers: 1, memoryLimit: LIMIT_MIB } as object);
      const isProcess = scene.subject.traits.processes;
      const { workerId } = await pool.submit(places.whereAmI);
      scene.strike();
      if (!isProcess) {
        await pool.submit(memory.keepBytes, Math.ceil(LIMIT_MIB * 0.95 + UNCOLLECTED_MIB));
      }
      // By and by, as what counts beside it is not known to a MiB: above the limit, and not the tenth more that would end it at
      // once. Where the system's own files are closed, it is looked at a few times a second only; and meanwhile the system may
      // take back what it can read again from a file, where others need memory.
      while ((await pool.submit(places.whereAmI)).workerId === workerId) {
        if (isProcess) await pool.submit(memory.keepUpTo, LIMIT_MIB * 1.05);
        else await pool.submit(memory.keepBytes, 1);
        await delay(20);
      }
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
    },
  },
];

/** Whether this runtime tells what a thread has beside its heap. */
function seesBuffers(): boolean {
  return !("Bun" in globalThis) && "getHeapStatistics" in Worker.prototype;
}

/** What a pool of this kind can hold its workers to. */
function asPool(subject: Subject, what: "heap" | "bytes"): true | string | Limit {
  const real = withRealWorkers(subject);
  if (real !== true || subject.traits.processes) return real;
  if (what === "heap" && "Deno" in globalThis) return true;
  if (what === "bytes" && seesBuffers()) return true;
  if (what === "heap" && !("Bun" in globalThis)) {
    return "Node contains it as a rule, and now and then ends the program: no trial shows the same twice";
  }
  return {
    cannot:
      what === "bytes"
        ? "buffers lie outside the heap, and this runtime does not tell how many a thread has"
        : "this runtime takes no notice of a thread's resourceLimits",
    // The thread takes twice what its limits allow, and goes on.
    async trial(scene) {
      const { stdout, code } = await runScript(scene, ownScript("outgrows.ts"), [
        what,
        `${2 * LIMIT_MIB}`,
      ]);
      assert.deepEqual({ stdout, code }, { stdout: "took it all\n", code: 0 });
    },
  };
}
