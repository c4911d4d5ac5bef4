// Cases of deadlocks: a wait that would never end is told so, and it alone. Decision 47.
import assert from "node:assert/strict";
import { EventLoopExecutor, type Executor, type Future } from "../../../mod.ts";
import {
  Barrier,
  BrokenBarrierError,
  Counter,
  DeadlockError,
  Lock,
  RWLock,
  Semaphore,
} from "../../sync/mod.ts";
import { withLinks } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, sharing } from "../tasks.ts";

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Cases of deadlocks. */
export const deadlockOfLocksCases: readonly ConformanceCase[] = [
  ...[2, 3, 10].map(
    (size): ConformanceCase => ({
      id: `cf-sync-cycle-${size}`,
      title: `of ${size} calls that wait for each other's locks in a circle one is told, and the others go on`,
      applies: withLinks(),
      run: (context) => closeCircle(context, size),
    }),
  ),
  {
    id: "cf-sync-self",
    title: "a call that waits for a lock it holds itself is told",
    applies: withLinks(),
    async run(context) {
      const lock = new Lock({ name: "own" });
      const executor = context.create({ maxWorkers: 1 });
      const error = await executor.submit(sharing.takeTwice, lock).exception();
      assert.ok(error instanceof DeadlockError);
      assert.match(error.message, /task "takeTwice".*lock "own", which it holds itself/);
      assert.equal(error.cycle.length, 1);
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, false);
    },
  },
  {
    id: "cf-sync-upgrade",
    title: "a reader that wants to write, while it reads, is told",
    applies: withLinks(),
    async run(context) {
      const lock = new RWLock({ name: "index" });
      const error = await context
        .create({ maxWorkers: 1 })
        .submit(sharing.upgrade, lock)
        .exception();
      assert.ok(error instanceof DeadlockError);
      assert.match(error.message, /RWLock "index"/);
      assert.ok(await lock.tryAcquireWrite(), "all was given back");
    },
  },
  {
    id: "cf-sync-semaphore-deadlock",
    title: "calls that hold one of two each and want both are told; with a third there is none",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      for (const permits of [2, 3]) {
        const [semaphore, both] = [new Semaphore(permits, { name: "two" }), new Barrier(2)];
        const futures = [1, 2].map(() => executor.submit(sharing.takeTwo, semaphore, both));
        const errors = (await Promise.all(futures.map((future) => future.exception()))).filter(
          Boolean,
        );
        assert.equal(errors.length, permits === 2 ? 1 : 0);
        for (const error of errors) assert.ok(error instanceof DeadlockError);
      }
    },
  },
  {
    id: "cf-sync-barrier-wide",
    title: "a barrier for more calls than there are slots is told, and broken",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const barrier = new Barrier(3, { name: "wide" });
      const futures = [1, 2, 3].map(() => executor.submit(sharing.meet, barrier));
      const errors = await Promise.all(futures.map((future) => future.exception()));
      const deadlocks = errors.filter((error) => error instanceof DeadlockError);
      assert.equal(deadlocks.length, 1, "exactly one closes it");
      assert.match((deadlocks[0] as Error).message, /barrier "wide".*task "meet" \(call \d+ on/);
      for (const error of errors)
        assert.ok(error instanceof DeadlockError || error instanceof BrokenBarrierError);
    },
  },
  {
    id: "cf-sync-barrier-wide-later",
    title:
      "the same where the call that cannot come is submitted later; one without the handle is none",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const barrier = new Barrier(3);
      const asked = new Counter();
      const waiting = [1, 2].map(() => executor.submit(sharing.countAndMeet, asked, barrier));
      while ((await asked.value()) < 2n) await turn();
      const other = executor.submit(arithmetic.square, 3);
      for (let turns = 0; turns < 5; turns++) await turn();
      assert.ok(waiting.every((future) => !future.done()));
      const late = executor.submit(sharing.meet, barrier);
      const errors = await Promise.all([...waiting, late].map((future) => future.exception()));
      assert.equal(errors.filter((error) => error instanceof DeadlockError).length, 1);
      assert.equal(await other, 9);
    },
  },
  {
    id: "cf-sync-barrier-elsewhere",
    title:
      "a barrier to which calls of another executor come, or the program again, is no deadlock",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const other = context.keep(new EventLoopExecutor({ maxWorkers: 1 }));
      const arrived = async (asked: Counter, count: bigint) => {
        while ((await asked.value()) < count) await turn();
        for (let turns = 0; turns < 5; turns++) await turn();
      };
      for (const from of ["its queue", "its pauses", "the program"]) {
        const [barrier, asked] = [new Barrier(2), new Counter()];
        const first = from === "the program" ? barrier.wait() : undefined;
        const ours = [1, 2, 3].map(() => executor.submit(sharing.countAndMeet, asked, barrier));
        const gate = Promise.withResolvers<void>();
        const busy = other.submit(() => gate.promise);
        const theirs = first === undefined ? [1, 2, 3] : [];
        const meet = from === "its pauses" ? sharing.meet.with({ delay: 1 }) : sharing.meet;
        const met = theirs.map(() => other.submit(meet, barrier));
        await arrived(asked, first === undefined ? 1n : 2n);
        gate.resolve();
        if (first !== undefined) for (const _ of ours.slice(1)) await barrier.wait();
        await Promise.all([busy, first, ...ours, ...met]);
      }
    },
  },
  {
    id: "cf-sync-barrier-wide-of-two",
    title: "a barrier for more than there are slots in two executors is told, once all are there",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const other = context.keep(new EventLoopExecutor({ maxWorkers: 1 }));
      const barrier = new Barrier(3);
      const futures = [executor, executor, other, other].map((each) =>
        each.submit(sharing.meet, barrier),
      );
      const errors = await Promise.all(futures.map((future) => future.exception()));
      assert.equal(errors.filter((error) => error instanceof DeadlockError).length, 1);
      for (const error of errors)
        assert.ok(error instanceof DeadlockError || error instanceof BrokenBarrierError);
    },
  },
  {
    id: "cf-sync-no-alarm",
    title: "who waits for one that can go on is told of no deadlock",
    applies: withLinks(),
    async run(context) {
      const [first, second] = [new Lock(), new Lock()];
      const executor = context.create({ maxWorkers: 3 });
      // Each in the same order: there is a queue, and no circle.
      const futures = Array.from({ length: 12 }, () =>
        executor.submit(sharing.takeInTurn, 5, first, second),
      );
      assert.deepEqual(await Promise.all(futures), Array(12).fill("both"));
    },
  },
];

async function closeCircle(context: CaseContext, size: number): Promise<void> {
  const executor = context.create({ maxWorkers: size });
  const locks = Array.from({ length: size }, (_, n) => new Lock({ name: `lock of ${n}` }));
  const all = new Barrier(size);
  const futures = locks.map((lock, n) => take(executor, lock, locks[(n + 1) % size] as Lock, all));
  const outcomes = await Promise.allSettled(futures.map((future) => future.result()));
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.equal(failed.length, 1, "exactly one is the victim");
  const error: unknown = failed[0]?.reason;
  assert.ok(error instanceof DeadlockError);
  assert.equal(error.cycle.length, size);
  for (const { name } of locks) assert.ok(error.message.includes(`"${name}"`), error.message);
  assert.match(error.message, /task "takeBoth" \(call \d+ on /);
  for (const lock of locks) assert.ok(await lock.tryAcquire(), "all was given back");
}

function take(executor: Executor, first: Lock, second: Lock, all: Barrier): Future<string> {
  return executor.submit(sharing.takeBoth, first, second, all);
}
