// Cases of what calls share: locks, semaphores, events, conditions, barriers, counters. Decision 47.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  EventLoopExecutor,
  InvalidStateError,
  TimeoutError,
  UnsupportedRuntimeError,
  WorkerLostError,
} from "../../../mod.ts";
import {
  acquireSync,
  Barrier,
  BrokenBarrierError,
  Channel,
  Condition,
  Counter,
  DeadlockError,
  Event,
  Lock,
  RWLock,
  Semaphore,
  SyncEvent,
} from "../../sync/mod.ts";
import {
  type Applies,
  everywhere,
  inProcessOnly,
  withRealWorkers,
  withScripts,
  withThreads,
  withWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { runScript } from "../run_script.ts";
import { sharing } from "../tasks.ts";

/** A promise about threads that can sleep on memory that they have in common with the program. */
const withSleepingThreads: Applies = (subject) => {
  const threads = withThreads(subject);
  if (threads !== true) return threads;
  return subject.traits.sharesMemory !== false || "it has no memory in common with its program";
};

/** Cases of locks and the like. */
export const lockCases: readonly ConformanceCase[] = [
  {
    id: "cf-sync-exclusion",
    title: "one call at a time is inside of a lock",
    applies: everywhere,
    async run(context) {
      const [lock, log] = [new Lock(), context.log()];
      const executor = context.create({ maxWorkers: 4 });
      await Promise.all(
        Array.from({ length: 12 }, () => executor.submit(sharing.logInside, lock, log.path)),
      );
      assert.deepEqual(log.lines(), Array(12).fill(["in", "out"]).flat());
    },
  },
  {
    id: "cf-sync-order",
    title: "a lock goes to those that wait in the order in which they came, and tokens grow",
    applies: everywhere,
    async run(context) {
      const [lock, asked] = [new Lock(), new Channel<number>()];
      const held = await lock.acquire();
      const executor = context.create({ maxWorkers: 4 });
      const futures = [];
      for (let n = 0; n < 4; n++) {
        futures.push(executor.submit(sharing.askAndTell, lock, asked, n));
        assert.deepEqual(await asked.receive(), { value: n, done: false });
      }
      const own = lock.acquire();
      held.release();
      assert.deepEqual(await Promise.all(futures), [2, 3, 4, 5]);
      assert.equal((await own).token, 6);
    },
  },
  {
    id: "cf-sync-try",
    title: "tryAcquire() takes nothing that is held, and goes past nobody",
    applies: everywhere,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(sharing.tryLock, lock), true);
      const held = await lock.acquire();
      assert.equal(await executor.submit(sharing.tryLock, lock), false);
      const waiting = lock.acquire();
      held.release();
      assert.equal(await executor.submit(sharing.tryLock, lock), false);
      (await waiting).release();
      assert.equal(await executor.submit(sharing.tryLock, lock), true);
    },
  },
  {
    id: "cf-sync-timeout",
    title: "a wait that takes too long rejects with TimeoutError, and is in nobody's way",
    applies: everywhere,
    async run(context) {
      const lock = new Lock({ name: "slow" });
      const held = await lock.acquire();
      const executor = context.create({ maxWorkers: 2 });
      const error = await executor.submit(sharing.takeWithin, lock, 15).exception();
      assert.ok(error instanceof TimeoutError);
      assert.match(error.message, /acquire lock "slow": not within 15 ms/);
      assert.ok(
        (await executor.submit(sharing.takeWithin, lock, 0).exception()) instanceof TimeoutError,
      );
      held.release();
      assert.equal(await executor.submit(sharing.takeWithin, lock, 60_000), 2);
    },
  },
  {
    id: "cf-sync-abort",
    title: "a wait whose signal aborts rejects with its reason",
    applies: everywhere,
    async run(context) {
      const [lock, asked] = [new Lock(), new SyncEvent()];
      using _ = await lock.acquire();
      const executor = context.create({ maxWorkers: 1 });
      const error = await executor.submit(sharing.takeUntilAborted, lock, asked).exception();
      assert.ok(error instanceof RangeError && error.message === "enough");
    },
  },
  {
    id: "cf-sync-left",
    title: "a lease that a call leaves open ends with it, and onError is told",
    applies: everywhere,
    async run(context) {
      const lock = new Lock({ name: "left" });
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(sharing.leaveLease, lock), "left");
      assert.deepEqual(await executor.submit(sharing.takeLock, lock), {
        token: 2,
        abandoned: false,
      });
      const [report] = context.reports;
      assert.equal(context.reports.length, 1);
      assert.equal(report?.about.kind, "lease");
      assert.equal(report?.about.task, "leaveLease");
      assert.match(String(report?.error), /lock "left" was left open by task "leaveLease"/);
    },
  },
  {
    id: "cf-sync-abandoned",
    title:
      "when a holder's worker dies the next one has the lock, and is told; the one after is not",
    applies: withRealWorkers,
    async run(context) {
      const [lock, held, gate] = [new Lock(), new SyncEvent(), context.gate()];
      const executor = context.create({ maxWorkers: 2 });
      const dying = executor.submit(sharing.dieHolding, lock, held, gate.path);
      await held.wait();
      const next = executor.submit(sharing.takeLock, lock);
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      assert.deepEqual(await next, { token: 2, abandoned: true });
      assert.deepEqual(await executor.submit(sharing.takeLock, lock), {
        token: 3,
        abandoned: false,
      });
    },
  },
  {
    id: "cf-sync-waiter-dies",
    title: "one that dies while it waits is in nobody's way",
    applies: withRealWorkers,
    async run(context) {
      const [lock, asked, gate] = [new Lock(), new SyncEvent(), context.gate()];
      const executor = context.create({ maxWorkers: 1 });
      const lease = await lock.acquire();
      const dying = executor.submit(sharing.dieWaiting, lock, asked, gate.path);
      await asked.wait();
      gate.open();
      await assert.rejects(dying.result(), WorkerLostError);
      lease.release();
      assert.deepEqual(await executor.submit(sharing.takeLock, lock), {
        token: 2,
        abandoned: false,
      });
    },
  },
  {
    id: "cf-sync-ended",
    title: "a handle is refused once the call that was given it has ended",
    applies: everywhere,
    async run(context) {
      const lock = new Lock({ name: "kept" });
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(sharing.keepLock, lock);
      const error = await executor.submit(sharing.takeKept).exception();
      assert.ok(error instanceof InvalidStateError);
      assert.match(error.message, /lock "kept".*ended/);
    },
  },
  {
    id: "cf-sync-initializer",
    title: "a handle in initializerArgs serves every call of a worker, and a lease is of the call",
    applies: withRealWorkers,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({
        maxWorkers: 2,
        initializer: sharing.keepLock,
        initializerArgs: [lock],
      });
      assert.deepEqual(await executor.submit(sharing.takeKept), { token: 1, abandoned: false });
      assert.equal(await executor.submit(sharing.leaveKept), 2);
      assert.equal((await executor.submit(sharing.takeKept)).token, 3);
      assert.equal(context.reports.length, 1);
    },
  },
  {
    id: "cf-sync-nested",
    title: "a handle inside of another value is refused by its path, and the executor goes on",
    applies: withWorkers,
    async run(context) {
      const lock = new Lock({ name: "deep" });
      const executor = context.create({ maxWorkers: 1 });
      const error = await executor.submit(sharing.takeNested, { lock }).exception();
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /task "takeNested": argument 1, lock is lock "deep"/);
      assert.equal((await executor.submit(sharing.takeLock, lock)).token, 1);
      const options = { initializer: sharing.keepLock, initializerArgs: [{ lock }] };
      assert.throws(() => context.create(options), TypeError);
    },
  },
  {
    id: "cf-sync-other-program",
    title:
      "a worker's own executor refuses a handle that its worker was given, and no call returns one",
    applies: withRealWorkers,
    async run(context) {
      const lock = new Lock({ name: "ours" });
      const executor = context.create({ maxWorkers: 1 });
      assert.match(
        String(await executor.submit(sharing.passOn, lock)),
        /^TypeError: Cannot send task "never": argument 1 is lock "ours", which is of another program/,
      );
      const returned = await executor.submit(sharing.returnHandle, lock).exception();
      assert.ok(returned instanceof TypeError, String(returned));
      assert.match(returned.message, /lock "ours"/);
      assert.equal((await executor.submit(sharing.takeLock, lock)).token, 1);
    },
  },
  {
    id: "cf-sync-nested-reference",
    title: "on one event loop a handle may be inside of another value",
    applies: inProcessOnly,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 2 });
      const tokens = [1, 2, 3].map(() => executor.submit(sharing.takeNested, { lock }));
      assert.deepEqual((await Promise.all(tokens)).toSorted(), [1, 2, 3]);
    },
  },
  {
    id: "cf-sync-outlives",
    title: "a lock outlives executors, and is one lock for all of them",
    applies: everywhere,
    async run(context) {
      const [lock, log] = [new Lock(), context.log()];
      const first = context.create({ maxWorkers: 1 });
      assert.equal((await first.submit(sharing.takeLock, lock)).token, 1);
      await first.shutdown();
      const executors = [
        context.create({ maxWorkers: 2 }),
        context.keep(new EventLoopExecutor({ onError: context.onError })),
      ];
      await Promise.all(
        [0, 1, 0, 1, 0, 1].map((which) =>
          executors[which]?.submit(sharing.logInside, lock, log.path),
        ),
      );
      assert.deepEqual(log.lines(), Array(6).fill(["in", "out"]).flat());
    },
  },
  {
    id: "cf-sync-interrupt",
    title: "a call that is interrupted while it waits leaves the queue",
    applies: everywhere,
    async run(context) {
      const [lock, asked] = [new Lock(), new Channel<number>()];
      const lease = await lock.acquire();
      const executor = context.create({ maxWorkers: 2 });
      const waiting = executor.submit(sharing.askAndTell, lock, asked, 1);
      await asked.receive();
      assert.equal(waiting.cancel({ interrupt: true }), true);
      const behind = executor.submit(sharing.takeLock, lock);
      lease.release();
      // It may have had the lock for a moment: it had not been told yet.
      assert.equal((await behind).abandoned, false);
      assert.ok(await lock.tryAcquire());
    },
  },
  {
    id: "cf-sync-semaphore",
    title: "of a semaphore as many calls have one as there are",
    applies: everywhere,
    async run(context) {
      const [semaphore, log] = [new Semaphore(2), context.log()];
      const executor = context.create({ maxWorkers: 4 });
      await Promise.all(
        Array.from({ length: 8 }, () => executor.submit(sharing.logInside, semaphore, log.path)),
      );
      let inside = 0;
      for (const line of log.lines()) {
        inside += line === "in" ? 1 : -1;
        assert.ok(inside <= 2 && inside >= 0);
      }
      assert.equal(log.lines().length, 16);
    },
  },
  {
    id: "cf-sync-rwlock",
    title: "readers are inside together, a writer alone, and a reader behind a writer waits",
    applies: everywhere,
    async run(context) {
      const [lock, told, gate] = [new RWLock(), new Channel<string>(), context.gate()];
      const executor = context.create({ maxWorkers: 4 });
      const readers = [1, 2].map(() => executor.submit(sharing.readAt, lock, told, gate.path));
      for (const _ of readers) await told.receive();
      const writer = executor.submit(sharing.askRW, lock, true, told);
      await told.receive();
      const late = executor.submit(sharing.askRW, lock, false, told);
      await told.receive();
      assert.equal(await lock.tryAcquireRead(), undefined);
      gate.open();
      assert.deepEqual(await Promise.all(readers), ["read", "read"]);
      assert.deepEqual([await writer, await late], [3, 4]);
      assert.ok(await lock.tryAcquireWrite());
    },
  },
  {
    id: "cf-sync-event",
    title: "an event that is set has all go on, and those that come later, until it is cleared",
    applies: everywhere,
    async run(context) {
      assert.equal(Event, SyncEvent);
      const [event, asked] = [new Event({ name: "go" }), new Counter()];
      const executor = context.create({ maxWorkers: 3 });
      const waiting = [1, 2].map(() => executor.submit(sharing.waitFor, event, asked));
      while ((await asked.value()) < 2n) await new Promise((resolve) => setTimeout(resolve));
      await event.set();
      assert.deepEqual(await Promise.all(waiting), ["went on", "went on"]);
      assert.equal(await executor.submit(sharing.waitFor, event), "went on");
      assert.equal(await event.isSet(), true);
      await event.clear();
      assert.equal(await event.isSet(), false);
      await assert.rejects(executor.submit(sharing.waitForWithin, event, 10).result(), {
        name: "TimeoutError",
      });
      assert.equal(await new SyncEvent({ set: true }).isSet(), true);
    },
  },
  {
    id: "cf-sync-condition",
    title:
      "a condition gives the lock back while a call waits, and gets it again for as many as are told",
    applies: everywhere,
    async run(context) {
      const lock = new Lock();
      const changed = new Condition(lock);
      const [items, waits] = [new Counter(0n), new Counter(0n)];
      const executor = context.create({ maxWorkers: 3 });
      const taking = [1, 2, 3].map(() =>
        executor.submit(sharing.takeOne, lock, changed, items, waits),
      );
      while ((await waits.value()) < 3n) await new Promise((resolve) => setTimeout(resolve));
      {
        using _ = await lock.acquire();
        await items.add(1n);
        assert.equal(await changed.notify(), 1);
      }
      assert.equal(await Promise.race(taking), 0n);
      const held = await lock.acquire();
      await items.add(2n);
      assert.equal(await changed.notifyAll(), 2);
      held.release();
      assert.deepEqual((await Promise.all(taking)).toSorted(), [0n, 0n, 1n]);
      await assert.rejects(changed.wait(held), InvalidStateError);
      using other = await new Lock().acquire();
      await assert.rejects(changed.wait(other), TypeError);
    },
  },
  {
    id: "cf-sync-condition-told-on",
    title:
      "who is told by a condition and gives up before the lock is free loses no word: the next is told",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const lock = new Lock();
      const changed = new Condition(lock);
      const [items, waits] = [new Counter(0n), new Counter(0n)];
      const controller = new AbortController();
      const first = lock
        .acquire()
        .then((lease) => changed.wait(lease, { signal: controller.signal }));
      const second = executor.submit(sharing.takeOne, lock, changed, items, waits);
      while ((await waits.value()) < 1n) await new Promise((resolve) => setTimeout(resolve));
      const held = await lock.acquire();
      await items.add(1n);
      assert.equal(await changed.notify(), 1);
      controller.abort("no time");
      await assert.rejects(first, (reason) => reason === "no time");
      held.release();
      assert.equal(await second, 0n);
    },
  },
  {
    id: "cf-sync-condition-given-up",
    title: "a lease that a condition was given is held no more, whatever comes of the wait",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const [lock, other] = [new Lock({ name: "mine" }), new Lock({ name: "other" })];
      const changed = new Condition(lock, { name: "changed" });
      const late = 'TimeoutError: Cannot wait for condition "changed": not within 0 ms';
      const wrong =
        'TypeError: Cannot wait for condition "changed": expected a lease of lock "mine"';
      const given = (of: Lock, how: "no time" | "aborted") =>
        executor.submit(sharing.giveUpAtOnce, changed, of, how);
      assert.deepEqual(await given(lock, "no time"), [late, false, true]);
      assert.deepEqual(await given(lock, "aborted"), ["why", false, true]);
      assert.deepEqual(await given(other, "no time"), [wrong, false, true]);
      for (const how of [{ timeout: 0 }, { signal: AbortSignal.abort("why") }]) {
        const lease = await lock.acquire();
        await changed.wait(lease, how).catch(() => {});
        assert.ok(!lease.held && !lease.release());
        (await lock.acquire({ timeout: 60_000 })).release();
      }
      await executor.shutdown();
      assert.deepEqual(context.reports, []);
    },
  },
  {
    id: "cf-sync-barrier",
    title: "a barrier has as many wait for each other as it takes, again and again",
    applies: everywhere,
    async run(context) {
      const barrier = new Barrier(3);
      const executor = context.create({ maxWorkers: 3 });
      for (let round = 0; round < 3; round++) {
        const orders = [1, 2, 3].map(() => executor.submit(sharing.meet, barrier));
        assert.deepEqual((await Promise.all(orders)).toSorted(), [0, 1, 2]);
      }
    },
  },
  {
    id: "cf-sync-barrier-broken",
    title: "whoever gives up at a barrier breaks it for all, until it is reset",
    applies: everywhere,
    async run(context) {
      const barrier = new Barrier(3, { name: "start" });
      const executor = context.create({ maxWorkers: 2 });
      const waiting = executor.submit(sharing.meet, barrier);
      const late = executor.submit(sharing.meetWithin, barrier, 15);
      assert.ok((await late.exception()) instanceof TimeoutError);
      const broken = await waiting.exception();
      assert.ok(broken instanceof BrokenBarrierError);
      assert.match(broken.message, /barrier "start"/);
      await assert.rejects(executor.submit(sharing.meet, barrier).result(), BrokenBarrierError);
      await barrier.reset();
      const both = [1, 2].map(() => executor.submit(sharing.meet, barrier));
      await barrier.wait();
      await Promise.all(both);
    },
  },
  {
    id: "cf-sync-counter",
    title: "nothing that is counted is lost",
    applies: everywhere,
    async run(context) {
      const counter = new Counter(2n ** 64n);
      const executor = context.create({ maxWorkers: 4 });
      await Promise.all([1, 2, 3, 4].map(() => executor.submit(sharing.count, counter, 50)));
      assert.equal(await counter.value(), 2n ** 64n + 200n);
      assert.equal(await counter.add(-200), 2n ** 64n);
    },
  },
  {
    id: "cf-sync-sleeping",
    title: "threads that never await take turns, and the program with them",
    applies: withSleepingThreads,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 2 });
      const path = join(context.directory, "count");
      const counting = [1, 2].map(() => executor.submit(sharing.countSync, lock, path, 150));
      for (let n = 0; n < 20; n++) (await lock.acquire()).release();
      await Promise.all(counting);
      assert.equal(readFileSync(path, "utf8"), "300");
      assert.equal((await lock.acquire()).token, 321);
    },
  },
  {
    id: "cf-sync-sleeping-refused",
    title: "a thread that sleeps for a lock is told of a timeout, and of a deadlock",
    applies: withSleepingThreads,
    async run(context) {
      const lock = new Lock({ name: "slept for" });
      const executor = context.create({ maxWorkers: 1 });
      const held = await lock.acquire();
      const late = await executor.submit(sharing.takeSync, lock, 10).exception();
      assert.ok(late instanceof TimeoutError);
      held.release();
      const own = await executor.submit(sharing.takeTwiceSync, lock).exception();
      assert.ok(own instanceof DeadlockError);
      assert.match(own.message, /lock "slept for", which it holds itself/);
      assert.equal((await executor.submit(sharing.takeSync, lock)).abandoned, false);
    },
  },
  {
    id: "cf-sync-taken-by-itself",
    title: "what a thread has taken by itself is given on when its call ends, and when it dies",
    applies: withSleepingThreads,
    async run(context) {
      const lock = new Lock();
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(sharing.leaveSync, lock, false), "left");
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, false);
      assert.equal(context.reports.length, 1);
      const dying = executor.submit(sharing.leaveSync, lock, true);
      await assert.rejects(dying.result(), WorkerLostError);
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, true);
      assert.equal((await executor.submit(sharing.takeLock, lock)).abandoned, false);
    },
  },
  {
    id: "cf-sync-asleep-nowhere",
    title: "where nothing can sleep, acquireSync() says so",
    applies: (subject) =>
      withSleepingThreads(subject) !== true || "its threads can sleep for a lock",
    async run(context) {
      const lock = new Lock();
      const error = await context
        .create({ maxWorkers: 1 })
        .submit(sharing.takeSync, lock)
        .exception();
      assert.equal((error as Error).name, "UnsupportedRuntimeError");
      assert.throws(() => acquireSync(lock), UnsupportedRuntimeError);
      assert.throws(() => acquireSync({} as Lock), TypeError);
    },
  },
  {
    id: "cf-sync-many-waits",
    title: "a call may wait for hundreds of things at once",
    applies: everywhere,
    async run(context) {
      const [event, asked] = [new SyncEvent(), new SyncEvent()];
      const executor = context.create({ maxWorkers: 1 });
      const waiting = executor.submit(sharing.waitManyTimes, event, 300, asked);
      await asked.wait();
      await event.set();
      assert.equal(await waiting, 300);
    },
  },
  {
    id: "cf-sync-alive",
    title: "a program that only waits for a lock is kept alive",
    applies: withScripts,
    async run(context) {
      const { stdout, code } = await runScript(context, "waits_for_lock.ts");
      assert.deepEqual([stdout, code], ["had the lock\n", 0]);
    },
  },
  {
    id: "cf-sync-options",
    title: "what locks and the like are made with is checked",
    applies: everywhere,
    async run() {
      assert.throws(() => new Lock({ nam: "x" } as never), /did you mean "name"/);
      assert.throws(() => new Semaphore(0), RangeError);
      assert.throws(() => new Semaphore(1.5), TypeError);
      assert.throws(() => new Barrier(Number.POSITIVE_INFINITY), RangeError);
      assert.throws(() => new Counter(0.5), TypeError);
      assert.throws(() => new SyncEvent({ set: 1 as never }), TypeError);
      assert.throws(() => new Condition({} as never), TypeError);
      const lock = new Lock({ name: "x" });
      assert.equal(lock.name, "x");
      assert.equal(String(lock), '[lock "x"]');
      await assert.rejects(lock.acquire({ timeout: Number.NaN }), RangeError);
      await assert.rejects(lock.acquire({ timeot: 1 } as never), /did you mean "timeout"/);
      await assert.rejects(lock.acquire({ signal: AbortSignal.abort(new RangeError("no")) }), /no/);
      const lease = await lock.acquire();
      assert.deepEqual(
        [lease.held, lease.release(), lease.release(), lease.held],
        [true, true, false, false],
      );
      await assert.rejects(new Counter().add("1" as never), TypeError);
      await assert.rejects(new Condition(lock).notify(-1), RangeError);
    },
  },
];
