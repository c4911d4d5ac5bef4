// Cases of handles of what calls share: where one may be given, how long it serves, and what it is made with. Decision 47.

import assert from "node:assert/strict";
import { EventLoopExecutor, InvalidStateError } from "../../../mod.ts";
import {
  Barrier,
  Channel,
  Condition,
  Counter,
  Lock,
  RWLock,
  Semaphore,
  SyncEvent,
} from "../../sync/mod.ts";
import { inProcessOnly, withLinks, withRealWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { sharing } from "../tasks.ts";

/** Cases of handles. */
export const handleCases: readonly ConformanceCase[] = [
  {
    id: "cf-sync-ended",
    title: "a handle is refused once the call that was given it has ended",
    applies: withLinks(),
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
    applies: withLinks(withRealWorkers),
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
    applies: withLinks(withWorkers),
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
    applies: withLinks(withRealWorkers),
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
    applies: withLinks(),
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
    id: "cf-sync-options",
    title: "what locks and the like are made with is checked",
    applies: withLinks(),
    async run() {
      assert.throws(() => new Lock({ nam: "x" } as never), /did you mean "name"/);
      assert.throws(() => new Semaphore(0), RangeError);
      assert.throws(() => new Semaphore(1.5), TypeError);
      assert.throws(() => new Barrier(Number.POSITIVE_INFINITY), RangeError);
      assert.throws(() => new Counter(0.5), TypeError);
      assert.throws(() => new SyncEvent({ set: 1 as never }), TypeError);
      assert.throws(() => new Condition({} as never), TypeError);
      const lock = new Lock({ name: "x" });
      const refused = { name: "TypeError", message: /expected a record of options, got lock "x"/ };
      const makers = [Channel, Lock, RWLock, SyncEvent] as (new (options: unknown) => unknown)[];
      for (const Maker of makers) assert.throws(() => new Maker(lock), refused);
      assert.throws(() => new Semaphore(2, lock), refused);
      assert.throws(() => new Condition(lock, lock), refused);
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
