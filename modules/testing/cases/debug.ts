// Cases of executors made with `debug`: what is looked at one by one has time, and changes nothing that is not its own.
import assert from "node:assert/strict";
import { share } from "../../../mod.ts";
import { withOwnWorkers, withRealWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { debugged, gates } from "../tasks.ts";

/** So long, in milliseconds, a task is made to run at least that may take a tenth of it. */
const LONG = 40;

/** Cases of executors made with `debug`. */
export const debugCases: readonly ConformanceCase[] = [
  {
    id: "cf-debug-one",
    title: "with debug there is one worker, and one task at a time",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 3, debug: true });
      const gate = context.gate();
      const futures = [1, 2, 3].map((n) => executor.submit(gates.waitAt, gate.path, n));
      await context.until(() => executor.stats().running === 1);
      assert.equal(executor.stats().workers, 1);
      gate.open();
      assert.deepEqual(await Promise.all(futures), [1, 2, 3]);
    },
  },
  {
    id: "cf-debug-time",
    title: "with debug a task has all the time there is",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ debug: true, interruptGrace: 0 });
      const gate = context.gate();
      const future = executor.submit(gates.waitAt.with({ timeout: LONG / 10 }), gate.path, "late");
      const end = performance.now() + LONG;
      await context.until(() => future.running() && performance.now() > end);
      gate.open();
      assert.equal(await future, "late");
    },
  },
  {
    id: "cf-debug-frozen",
    title: "with debug a task cannot change what is shared with others",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, debug: true });
      using table = share({ rows: [{ n: 1 }] });
      const error = await executor.submit(debugged.changeShared, table).exception();
      assert.ok(error instanceof TypeError);
      assert.equal(await executor.submit(debugged.readShared, table), 1);
      const own = { n: 1 };
      const outcome = await executor.submit(debugged.changeOwn, own).exception();
      // A copy is the task's own; what passes as it is would be changed for its caller, too.
      assert.equal(outcome instanceof TypeError, !context.subject.traits.clones);
      assert.equal(own.n, 1);
      const plain = context.create({ maxWorkers: 1 });
      assert.equal(await plain.submit(debugged.changeOwn, { n: 1 }), 2);
    },
  },
  {
    id: "cf-debug-stack",
    title: "with debug an error has its whole stack in a worker",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const framesOf = async (debug: boolean) => {
        const error = await context.create({ debug }).submit(debugged.failDeep, 40).exception();
        return (error as Error).stack?.match(/descend/g)?.length ?? 0;
      };
      assert.ok((await framesOf(true)) > 40);
      assert.ok((await framesOf(false)) < 40);
    },
  },
];
