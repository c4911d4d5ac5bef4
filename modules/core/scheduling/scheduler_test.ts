// Scheduler: what is sent ahead behind a call of some milliseconds, and who gets it in the end; when workers are started.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importTasks, PoolExecutor } from "../../../mod.ts";
import { type ScriptedWorker, scripted } from "../../proofs/model/scripted_worker.ts";
import { VirtualClock } from "../../proofs/model/virtual_clock.ts";

const tasks = importTasks<{ echo(n: number): number; other(n: number): number }>("data:,");

/** Two workers, each with a call that takes a few milliseconds, as was seen before, and another behind it. */
async function twoAhead() {
  const clock = new VirtualClock().install();
  const workers: ScriptedWorker[] = [];
  const executor = new PoolExecutor(scripted(workers), { maxWorkers: 2 });
  const futures = [0, 1, 2, 3, 4, 5].map((n) => executor.submit(tasks.echo, n));
  await clock.settle();
  const [a, b] = workers as [ScriptedWorker, ScriptedWorker];
  for (const { handlers } of [a, b]) handlers.onMessage({ kind: "ready" });
  assert.deepEqual([a.begin(), b.begin()], [0, 1]);
  assert.deepEqual([a.sent, b.sent], [[0], [1]], "nothing is sent ahead before one is known");
  a.end();
  assert.equal(a.begin(), 2);
  assert.deepEqual([a.waiting, b.waiting], [[3], [4]]);
  /** Runs all there is; each call must have run once. */
  const finish = async () => {
    const done = Promise.all(futures);
    for (let round = 0; round < futures.length; round++) {
      for (const worker of [a, b]) if (worker.begin() !== undefined) worker.end();
    }
    assert.deepEqual(await done, [0, 1, 2, 3, 4, 5]);
    await executor.shutdown();
  };
  return { clock, executor, a, b, finish };
}

test("behind a call of some milliseconds the next one waits in its worker", async () => {
  const { clock, a, b, finish } = await twoAhead();
  using _ = clock;
  b.end();
  assert.equal(b.begin(), 4, "no word of the host was needed");
  a.end();
  assert.equal(a.begin(), 3);
  assert.deepEqual([a.waiting, b.waiting], [[], []], "not of the last ones");
  await finish();
});

test("an idle worker is given what waits behind a call of another", async () => {
  const { clock, a, b, finish } = await twoAhead();
  using _ = clock;
  for (const n of [1, 4, 5]) {
    assert.equal(b.begin(), n);
    b.end();
  }
  assert.equal(b.begin(), 3, "it was sent to the other one first");
  b.end();
  a.end();
  assert.equal(a.begin(), undefined);
  await finish();
});

test("a task of higher priority is begun before what was sent ahead", async () => {
  const { clock, executor, a, b, finish } = await twoAhead();
  using _ = clock;
  const urgent = executor.submit(tasks.other.with({ priority: 1 }), 9);
  await clock.settle();
  assert.deepEqual([a.begin(), b.begin()], [2, 1]);
  a.end();
  assert.equal(a.begin(), 9);
  b.end();
  assert.equal(b.begin(), 3, "then the others, in their order");
  await finish();
  assert.equal(await urgent, 9);
});

test("what waits behind a call that takes twice as long as it should is taken back", async () => {
  const { clock, a, b, finish } = await twoAhead();
  using _ = clock;
  for (let timers = 0; timers < 3; timers++) clock.advance();
  assert.equal(b.claims.begin(1), false);
  a.end();
  assert.equal(a.begin(), 3, "it goes to whoever reports first");
  await finish();
});

test("after a start that held the host up, the next one waits until this one can have been sent a call", async () => {
  using clock = new VirtualClock().install();
  const holdUp = () => {
    for (const until = performance.now() + 30; performance.now() < until; );
  };
  const workers: ScriptedWorker[] = [];
  const executor = new PoolExecutor(scripted(workers, holdUp), { maxWorkers: 2 });
  const futures = [0, 1].map((n) => executor.submit(tasks.echo, n));
  await clock.settle();
  assert.equal(workers.length, 1);
  workers[0]?.handlers.onMessage({ kind: "ready" });
  assert.deepEqual(workers[0]?.sent, [0]);
  assert.equal(workers.length, 1, "nor does it follow on that");
  clock.advance();
  assert.equal(workers.length, 2);
  workers[1]?.handlers.onMessage({ kind: "ready" });
  assert.deepEqual(workers[1]?.sent, [1]);
  for (const worker of workers) {
    worker.begin();
    worker.end();
  }
  assert.deepEqual(await Promise.all(futures), [0, 1]);
  await executor.shutdown();
});

/** One worker, whose call is interrupted, with another behind it; and a way to wait. */
async function interrupted() {
  const clock = new VirtualClock().install();
  const workers: ScriptedWorker[] = [];
  const executor = new PoolExecutor(scripted(workers), { maxWorkers: 1 });
  const [first, second] = [0, 1].map((n) => executor.submit(tasks.echo, n));
  await clock.settle();
  const [a] = workers as [ScriptedWorker];
  a.handlers.onMessage({ kind: "ready" });
  assert.equal(a.begin(), 0);
  assert.equal(first?.cancel({ interrupt: true }), true);
  assert.deepEqual(a.heard, ["start", "run", "abort"]);
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      assert.ok(clock.advance(), "nothing is to come");
      await clock.settle();
    }
  };
  return { clock, executor, workers, a, second, until };
}

test("while a worker does not answer an interrupt the one that will be needed starts, and counts nowhere", async () => {
  const { clock, executor, workers, a, second, until } = await interrupted();
  using _ = clock;
  await until(() => workers.length === 2);
  const b = workers[1] as ScriptedWorker;
  assert.deepEqual(b.heard, [], "it is told nothing");
  assert.deepEqual([executor.stats().workers, executor.workers().map(({ id }) => id)], [1, [0]]);
  let isGone = false;
  executor.observe(({ type }) => {
    isGone ||= type === "worker-exited";
  });
  await until(() => isGone);
  assert.deepEqual(a.heard, ["start", "run", "abort"], "it was killed");
  assert.deepEqual(b.heard, ["start"]);
  assert.deepEqual([executor.stats().workers, executor.workers().map(({ id }) => id)], [1, [1]]);
  b.handlers.onMessage({ kind: "ready" });
  assert.equal(b.begin(), 1);
  b.end();
  assert.equal(await second, 1);
  await executor.shutdown();
  assert.equal(workers.length, 2);
});

test("one that has started in vain is ended by the shutdown, which waits for that, or after a while", async () => {
  for (const isShut of [true, false]) {
    const { clock, executor, workers, a, second, until } = await interrupted();
    using _ = clock;
    await until(() => workers.length === 2);
    const b = workers[1] as ScriptedWorker;
    // In time after all.
    a.end();
    assert.equal(a.begin(), 1);
    a.end();
    assert.equal(await second, 1);
    if (isShut) await executor.shutdown();
    else await until(() => b.heard.length > 0);
    assert.deepEqual(b.heard, ["stop"]);
    assert.equal(executor.stats().workers, isShut ? 0 : 1);
    await executor.shutdown();
  }
});

test("none starts for a worker that answers, and none where nothing waits", async () => {
  const { clock, executor, workers, a, second, until } = await interrupted();
  using _ = clock;
  a.handlers.onMessage({ kind: "aborting", seq: 0 });
  await until(() => a.heard.includes("stop"));
  await until(() => workers.length === 2);
  const b = workers[1] as ScriptedWorker;
  assert.deepEqual(b.heard, ["start"], "it was started when the other had gone");
  b.handlers.onMessage({ kind: "ready" });
  assert.equal(b.begin(), 1);
  assert.equal(second?.cancel({ interrupt: true }), true);
  await until(() => executor.stats().workers === 0);
  assert.equal(workers.length, 2);
  await executor.shutdown();
});
