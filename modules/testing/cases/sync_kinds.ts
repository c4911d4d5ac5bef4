// Cases of what calls share beside locks: semaphores, RWLocks, events, conditions, barriers, counters. Decision 47.

import assert from "node:assert/strict";
import { InvalidStateError, TimeoutError } from "../../../mod.ts";
import {
  Barrier,
  BrokenBarrierError,
  Channel,
  Condition,
  Counter,
  Event,
  Lock,
  RWLock,
  Semaphore,
  SyncEvent,
} from "../../sync/mod.ts";
import { withLinks } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { sharing } from "../tasks.ts";

/** Cases of semaphores, RWLocks, events, conditions, barriers and counters. */
export const sharedKindsCases: readonly ConformanceCase[] = [
  {
    id: "cf-sync-semaphore",
    title: "of a semaphore as many calls have one as there are",
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
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
    applies: withLinks(),
    async run(context) {
      const counter = new Counter(2n ** 64n);
      const executor = context.create({ maxWorkers: 4 });
      await Promise.all([1, 2, 3, 4].map(() => executor.submit(sharing.count, counter, 50)));
      assert.equal(await counter.value(), 2n ** 64n + 200n);
      assert.equal(await counter.add(-200), 2n ** 64n);
    },
  },
  {
    id: "cf-sync-many-waits",
    title: "a call may wait for hundreds of things at once",
    applies: withLinks(),
    async run(context) {
      const [event, asked] = [new SyncEvent(), new SyncEvent()];
      const executor = context.create({ maxWorkers: 1 });
      const waiting = executor.submit(sharing.waitManyTimes, event, 300, asked);
      await asked.wait();
      await event.set();
      assert.equal(await waiting, 300);
    },
  },
];
