// Faults of what wraps tasks: of calls that others share, and of the user's own functions that tell which are the same.

import assert from "node:assert/strict";
import {
  type Executor,
  type Future,
  limit,
  memoize,
  retry,
  singleFlight,
  type Task,
  threaded,
  WorkerLostError,
} from "../../../mod.ts";
import { everywhere, withRealWorkers } from "../../testing/applicability.ts";
import { Broken, Money } from "../../testing/fixtures/money.ts";
import { arithmetic, attempts, deaths, gates, money } from "../../testing/tasks.ts";
import type { Fault } from "./fault.ts";

/** Faults of wrappers. */
export const wrapperFaults: readonly Fault[] = [
  {
    id: "memoize-failure",
    title: "memoize keeps no failure: neither what a task throws nor that its worker was lost",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const log = scene.log();
      const flaky = memoize(attempts.failTimes);
      const deadly = memoize(deaths.exit);
      const call = () => pool.submit(flaky, log.path, 2, 7);
      scene.strike();
      for (let run = 1; run <= 2; run++)
        await assert.rejects(call().result(), { message: `run ${run}` });
      assert.equal(await call(), 7);
      assert.equal(call().state, "finished", "what came in the end is kept");
      for (let death = 1; death <= 2; death++) {
        await assert.rejects(pool.submit(deadly, 3).result(), WorkerLostError);
        assert.equal(pool.stats().lost, death);
      }
      await scene.recover(pool);
    },
  },
  {
    id: "flight-lost",
    title:
      "all who wait for one call fail with it when its worker dies, and the next call runs; with retry they have its last try",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const once = singleFlight(deaths.exit);
      scene.strike();
      const herd = Array.from({ length: 10 }, () => pool.submit(once, 3));
      const errors = await Promise.all(herd.map((future) => future.exception()));
      assert.ok(errors.every((error) => error instanceof WorkerLostError && error === errors[0]));
      assert.equal(pool.stats().lost, 1);
      const log = scene.log();
      const tried = singleFlight(retry(attempts.failTimes, { limit: 2 }));
      const values = Array.from({ length: 10 }, () => pool.submit(tried, log.path, 2, 7));
      assert.deepEqual(new Set(await Promise.all(values)), new Set([7]));
      assert.equal(log.lines().length, 3);
      await scene.recover(pool);
    },
  },
  {
    id: "key-throws",
    title:
      "key functions that throw, cancel and submit: each call settles once, and only those fail whose key did",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      const inner: Future<number>[] = [];
      const key = (n: number) => {
        if (n % 7 === 0) throw new RangeError(`no key for ${n}`);
        if (n % 11 === 0) inner.push(pool.submit(arithmetic.square, n));
        return n % 50;
      };
      const known: Task<[number], number> = memoize(limit(arithmetic.square, 2), { key });
      scene.strike();
      const count = scene.amount(500, 20_000);
      const futures = Array.from({ length: count }, (_, n) => pool.submit(known, n));
      const outcomes = await Promise.allSettled(futures);
      for (const [n, outcome] of outcomes.entries()) {
        assert.equal(outcome.status, n % 7 === 0 ? "rejected" : "fulfilled", String(n));
        if (outcome.status === "rejected") assert.equal(outcome.reason.message, `no key for ${n}`);
      }
      await Promise.all(inner);
      const { queued, running } = pool.stats();
      assert.deepEqual([queued, running], [0, 0]);
      await scene.recover(pool);
      scene.note(`${count} calls`);
    },
  },
  {
    id: "limit-worker-dies",
    title:
      "the workers of limited calls die, again and again: each makes room for the next call, and none waits for ever",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      const one = limit(deaths.exit, 1);
      const count = scene.amount(4, 40);
      scene.strike();
      const lost = Array.from({ length: count }, () => pool.submit(one, 3));
      for (const future of lost) await assert.rejects(future.result(), WorkerLostError);
      assert.equal(pool.stats().lost, count);
      const gate = scene.gate();
      const held = limit(gates.waitAt, 1);
      const cut = [1, 2].map((n) => pool.submit(held, gate.path, n));
      await scene.until(() => cut[0]?.running() === true);
      cut[0]?.cancel({ interrupt: true });
      gate.open();
      assert.equal(await cut[1], 2);
      await scene.recover(pool);
    },
  },
  {
    id: "decorated-instance",
    title:
      "a decorator on a method of an instance is an error where the class is defined, and costs nothing else",
    applies: everywhere,
    async run(scene) {
      const pool = await scene.pool();
      scene.strike();
      assert.throws(() => defineWrongly(pool), {
        name: "TypeError",
        message: /@threaded on "load".*make the method static/,
      });
      await scene.recover(pool);
    },
  },
  {
    id: "class-unmade",
    title: "classes that throw while their instances cross fail those calls, among many others",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      scene.strike();
      const count = scene.amount(60, 2_000);
      const futures = Array.from({ length: count }, (_, n) =>
        pool.submit(
          money.isMoney,
          n % 3 === 0 ? new Broken(n % 2 === 0 ? "toWire" : "fromWire") : new Money(BigInt(n)),
        ),
      );
      for (const [n, future] of futures.entries())
        assert.equal(await future.result().catch(() => "failed"), n % 3 === 0 ? "failed" : true);
      for (const at of ["toWire", "fromWire"])
        await assert.rejects(pool.submit(money.breaks, at).result(), /broken/);
      assert.equal(pool.stats().lost, 0);
      await scene.recover(pool);
    },
  },
];

/** As what is written as a decorator is called. */
function defineWrongly(pool: Executor): void {
  const decorate = threaded(pool, import.meta.url) as (...given: unknown[]) => unknown;
  decorate(() => {}, { kind: "method", name: "load", static: false });
}
