// Faults of memory: tasks that take all there is.
import assert from "node:assert/strict";
import { WorkerLostError } from "../../../mod.ts";
import { withRealWorkers } from "../cases/_applicability.ts";
import { runScript } from "../cases/_run_script.ts";
import type { Subject } from "../subject.ts";
import { harm, memory, places } from "../tasks.ts";
import type { Fault, Limit } from "./fault.ts";

/** Well above what a runtime takes for itself. */
const LIMIT_MIB = "Deno" in globalThis ? 400 : 160;
/** A thread's is of its heap alone, which is soon filled. */
const THREAD_LIMIT_MIB = 64;

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
      if (!("Deno" in globalThis))
        return "a thread's heap is bounded on Deno and Node only, and Node may end the program";
      return {
        cannot: "V8 asks such a loop to stop, and it never hears it",
        async trial(scene) {
          const args = ["doubles", `${2 * THREAD_LIMIT_MIB}`];
          const { stdout, code } = await runScript(scene, "outgrows.ts", args);
          assert.equal(code, 0);
          assert.match(stdout, /^(goes on|took it all)\n$/);
        },
      };
    },
    async run(scene) {
      const pool = await scene.pool({ memoryLimit: LIMIT_MIB } as object);
      scene.strike();
      const error = await pool.submit(harm.fillWithNumbers, Number.POSITIVE_INFINITY).exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      await scene.recover(pool);
      assert.equal(scene.reports.length, 1);
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
      const before = await pool.submit(memory.residentMebibytes);
      const { pid } = await pool.submit(places.whereAmI);
      scene.strike();
      // Between the limit and the tenth more that would end it at once.
      await pool.submit(memory.keepBytes, Math.ceil(LIMIT_MIB * 1.05 - before));
      // Where the system's own files are closed, it is looked at a few times a second only.
      while ((await pool.submit(places.whereAmI)).pid === pid) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await scene.recover(pool);
      assert.equal(pool.stats().lost, 0);
    },
  },
];

/** What a pool of this kind can hold its workers to. */
function asPool(subject: Subject, what: "heap" | "bytes"): true | string | Limit {
  const real = withRealWorkers(subject);
  if (real !== true || subject.traits.processes) return real;
  if (what === "heap" && "Deno" in globalThis) return true;
  if (what === "heap" && !("Bun" in globalThis)) {
    return "Node contains it as a rule, and now and then ends the program: no trial shows the same twice";
  }
  return {
    cannot:
      what === "bytes"
        ? "buffers lie outside the heap, and no runtime bounds them for a thread"
        : "this runtime takes no notice of a thread's resourceLimits",
    // The thread takes twice what its limits allow, and goes on.
    async trial(scene) {
      const { stdout, code } = await runScript(scene, "outgrows.ts", [what, `${2 * LIMIT_MIB}`]);
      assert.deepEqual({ stdout, code }, { stdout: "took it all\n", code: 0 });
    },
  };
}
