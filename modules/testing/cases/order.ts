// Cases of the order in which calls begin: that of their submission, on one worker, whatever they take and whatever is
// taken back.
import assert from "node:assert/strict";
import { type Executor, type Future, PoolExecutor } from "../../../mod.ts";
import { everywhere, withOwnWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { seeded } from "../seeded.ts";
import { order } from "../tasks.ts";

/** Enough for some hundred stalls. */
const CALLS = 12_000;
/** Longer than a worker is given before what waits behind its call is taken back. */
const LONG_MS = 3;

/** Has it learned that the task is short, so that many calls are sent ahead; tells how many have begun. */
async function warmUp(executor: Executor): Promise<number> {
  let last = -1;
  for (let n = 0; n < 300; n++) last = await executor.submit(order.turn, 0);
  return last + 1;
}

/** What the calls gave that were not cancelled. */
async function turnsOf(calls: readonly Future<number>[]): Promise<number[]> {
  const turns: number[] = [];
  for (const call of calls) {
    if (!call.cancelled()) turns.push(await call);
  }
  return turns;
}

function assertInOrder(turns: readonly number[], first: number): void {
  const wrong = turns.findIndex((turn, n) => turn !== first + n);
  assert.equal(wrong, -1, `call ${wrong} began as number ${(turns[wrong] ?? 0) - first}`);
}

/** Lets the event loop turn. */
const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Cases of the order in which calls begin. */
export const orderCases: readonly ConformanceCase[] = [
  {
    id: "cf-order",
    title: "one worker begins calls in the order of submission, whatever some of them take",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const first = await warmUp(executor);
      const calls = Array.from({ length: CALLS }, (_, n) =>
        executor.submit(order.turn, n % 100 === 0 ? LONG_MS : 0),
      );
      assertInOrder(await turnsOf(calls), first);
    },
  },
  {
    id: "cf-order-cancelled",
    title: "the order of submission holds while calls are cancelled and others are submitted",
    applies: everywhere,
    async run(context) {
      const random = seeded(9);
      const executor = context.create({ maxWorkers: 1 });
      const first = await warmUp(executor);
      const calls: Future<number>[] = [];
      for (let n = 0; n < CALLS; n++) {
        calls.push(executor.submit(order.turn, random() < 0.01 ? LONG_MS : 0));
        // Near the end: what was sent ahead, rather than what is done or still waits here.
        if (random() < 0.1) calls[Math.floor((0.8 + 0.2 * random()) * n)]?.cancel();
        if (n % 200 === 0) await nextTurn();
      }
      assertInOrder(await turnsOf(calls), first);
    },
  },
  {
    id: "cf-order-priority",
    title:
      "of what is submitted together the higher priority begins first, and equal ones in order",
    applies: everywhere,
    async run(context) {
      const random = seeded(7);
      const executor = context.create({ maxWorkers: 1 });
      await warmUp(executor);
      const tasks = [0, 1, 2].map((priority) => order.turn.with({ priority }));
      const begun: Promise<{ turn: number; priority: number; tick: number }>[] = [];
      for (let tick = 0; tick < 60; tick++) {
        for (let n = 0; n < 60; n++) {
          const priority = Math.floor(random() * 3);
          const task = tasks[priority] as (typeof tasks)[number];
          const future = executor.submit(task, random() < 0.005 ? LONG_MS : 0);
          begun.push(future.then((turn) => ({ turn, priority, tick })));
        }
        await nextTurn();
      }
      const calls = await Promise.all(begun);
      for (const priority of [0, 1, 2]) {
        const turns = calls.filter((call) => call.priority === priority).map(({ turn }) => turn);
        assert.deepEqual(
          turns,
          turns.toSorted((a, b) => a - b),
        );
      }
      const together = calls.toSorted((a, b) => a.tick - b.tick || a.turn - b.turn);
      for (const [n, { tick, priority }] of together.entries()) {
        const next = together[n + 1];
        if (next?.tick === tick) assert.ok(next.priority <= priority, `in tick ${tick}`);
      }
    },
  },
  {
    id: "cf-order-overtakes",
    title: "a call of higher priority begins before all that was sent ahead and has not begun",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const first = await warmUp(executor);
      const calls = Array.from({ length: 3000 }, () => executor.submit(order.turn, 0.05));
      // Many are sent ahead by now, and some are done.
      await calls[50];
      const urgent = executor.submit(order.turn.with({ priority: 1 }), 0);
      await Promise.resolve();
      const begun = calls.filter((call) => call.running() || call.done()).length;
      const turn = (await urgent) - first;
      // And the one that its worker was just about to begin.
      assert.ok(turn <= begun + 1, `${turn} began before it, of which ${begun} had begun`);
      await Promise.all(calls);
    },
  },
  {
    id: "cf-order-map",
    title: "elements of maps take their turn among what else is submitted, by when each was taken",
    applies: everywhere,
    async run(context) {
      const random = seeded(5);
      const executor = context.create({ maxWorkers: 1 });
      const first = await warmUp(executor);
      const { gate } = await occupy(context, executor);
      let submitted = 0;
      const begun: { place: number; turn: number }[] = [];
      const maps = [{ bufferSize: 1 }, { bufferSize: 7 }, {}].map(async (options) => {
        const places: number[] = [];
        const source = function* () {
          for (let n = 0; n < 300; n++) {
            places.push(submitted++);
            yield random() < 0.01 ? LONG_MS : 0;
          }
        };
        const turns = await Array.fromAsync(executor.map(order.turn, source(), options));
        begun.push(...turns.map((turn, n) => ({ place: places[n] as number, turn })));
      });
      const calls: Promise<unknown>[] = [];
      for (let n = 0; n < 600; n++) {
        const place = submitted++;
        const call = executor.submit(order.turn, random() < 0.01 ? LONG_MS : 0);
        calls.push(call.then((turn) => begun.push({ place, turn })));
        if (n === 50) gate.open();
        if (n % 10 === 0) await nextTurn();
      }
      await Promise.all([...maps, ...calls]);
      const turns = begun.toSorted((a, b) => a.place - b.place).map(({ turn }) => turn);
      assert.equal(turns.length, 1500);
      assertInOrder(turns, first);
    },
  },
  {
    id: "cf-order-ended",
    title: "the order of submission holds when the worker is ended and replaced",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = context.create({ maxWorkers: 1 });
      assert.ok(pool instanceof PoolExecutor);
      await warmUp(pool);
      // What was running when its worker was ended is run again, in its old place.
      const turn = order.turn.with({ retries: 9 });
      const settled: number[] = [];
      const calls = Array.from({ length: 2000 }, (_, n) => {
        const call = pool.submit(turn, n % 100 === 0 ? LONG_MS : 0);
        call.addDoneCallback(() => settled.push(n));
        return call;
      });
      for (const at of [300, 900, 1500]) {
        await calls[at];
        for (const { id } of pool.workers()) pool.terminateWorker(id);
      }
      await turnsOf(calls);
      assertInOrder(settled, 0);
    },
  },
  {
    id: "cf-order-shrunk",
    title: "a pool that has shrunk to one worker begins what is left in the order of submission",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = context.create({ maxWorkers: 3 });
      assert.ok(pool instanceof PoolExecutor);
      const settled: number[] = [];
      const calls = Array.from({ length: 6000 }, (_, n) => {
        const call = pool.submit(order.turn, n % 100 === 0 ? LONG_MS : 0);
        call.addDoneCallback(() => settled.push(n));
        return call;
      });
      await calls[300];
      pool.resize(1);
      await context.until(() => pool.stats().workers === 1);
      const left = calls.filter((call) => call.state === "pending").length;
      await turnsOf(calls);
      const last = settled.slice(settled.length - left);
      assert.deepEqual(
        last,
        last.toSorted((a, b) => a - b),
      );
    },
  },
];
