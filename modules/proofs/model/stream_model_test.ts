// Random programs of streams over fake workers that are killed, beside a reference that only counts.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import {
  CancelledError,
  importTasks,
  PoolExecutor,
  type TaskStream,
  WorkerLostError,
} from "../../../mod.ts";
import { createFakeSpawn, exitFakeWorker, liveFakeWorkers } from "../../testing/mod.ts";
import { madeBy, type Plan } from "../fixtures/counted_streams.ts";

const jobs = importTasks<typeof import("../fixtures/counted_streams.ts")>(
  new URL("../fixtures/counted_streams.ts", import.meta.url),
);

/** Enough for twenty thousand deeds; `MODEL_RUNS` for more. */
const PROGRAMS = 500;
const DEEDS = 60;

const which = fc.nat({ max: 7 });
const deed = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      to: fc.nat({ max: 30 }),
      buffer: fc.integer({ min: 1, max: 6 }),
      fails: fc.boolean(),
      waits: fc.constantFrom("no" as const, "promise" as const, "turn" as const),
      isSync: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("read" as const), which, count: fc.nat({ max: 8 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("turn" as const), count: fc.nat({ max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
);

/** Numbers of streams, over all programs. */
let streams = 0;

/** A stream, and what may become of it. */
class Read {
  readonly plan: Plan;
  readonly buffer: number;
  readonly stream: TaskStream<number, number>;
  /** How many items were asked for, and how many came. */
  asked = 0;
  read = 0;
  isLeft = false;
  isCancelled = false;
  mayBeLost = false;
  /** Whether its worker may have been killed before its `finally` had run. */
  mayBeCutOff = false;
  isOver = false;
  callbacks = 0;

  constructor(pool: PoolExecutor, plan: Plan, buffer: number, isSync: boolean) {
    this.plan = plan;
    this.buffer = buffer;
    const task = isSync ? jobs.countedAtOnce : jobs.counted;
    this.stream = pool.stream(task.with({ buffer }), plan).start();
    this.stream.future.addDoneCallback(() => this.callbacks++);
  }

  /** Reads one, and judges it. */
  async next(): Promise<void> {
    this.asked++;
    try {
      const { done, value } = await this.stream.next();
      if (done !== true) {
        assert.ok(!this.isOver, "an item behind the end");
        assert.equal(value, this.read++);
        return;
      }
      if (!this.isOver && !this.isLeft) {
        assert.equal(this.read, this.plan.to);
        assert.equal(value, this.plan.to);
        assert.ok(!this.plan.fails);
      }
    } catch (error) {
      if (error instanceof CancelledError) assert.ok(this.isCancelled);
      else if (error instanceof WorkerLostError) assert.ok(this.mayBeLost);
      else if (error instanceof RangeError && this.plan.fails)
        assert.equal(this.read, this.plan.to);
      else throw error;
      assert.ok(!this.isOver, "a second end");
    }
    this.isOver = true;
  }

  /** What holds at any time. */
  check(): void {
    const { items, ended, runs } = madeBy(this.plan.stream);
    // Nobody asks while there is something: what is asked for is as good as read.
    assert.ok(items <= this.read + this.buffer, `${items} made, ${this.read} read`);
    assert.ok(ended <= runs && runs <= 1);
    assert.ok(this.callbacks <= 1);
  }
}

test("random programs of streams: items in order, never more made than may be, one end each", async () => {
  const programs = fc.array(deed, { minLength: 10, maxLength: DEEDS, size: "max" });
  const ways = fc.record({
    sharesMemory: fc.boolean(),
    maxWorkers: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(programs, ways, async (deeds, { sharesMemory, maxWorkers }) => {
      const pool = new PoolExecutor(createFakeSpawn({ sharesMemory }), {
        maxWorkers,
        interruptGrace: 600_000,
        onError: () => {},
      });
      const all: Read[] = [];
      const reading: Promise<void>[] = [];
      for (const one of deeds) {
        const at = "which" in one ? all[one.which % Math.max(1, all.length)] : undefined;
        switch (one.do) {
          case "open": {
            const { to, fails, waits, buffer, isSync } = one;
            all.push(new Read(pool, { stream: streams++, to, fails, waits }, buffer, isSync));
            break;
          }
          case "read":
            for (let n = 0; n < one.count && at !== undefined; n++) reading.push(at.next());
            break;
          case "turn":
            for (let n = 0; n < one.count; n++)
              await new Promise((resolve) => setImmediate(resolve));
            break;
          case "leave":
            if (at === undefined) break;
            at.isLeft = true;
            reading.push(at.stream.return().then(() => {}));
            break;
          case "cancel":
            if (at?.stream.future.cancel({ interrupt: true }) === true) at.isCancelled = true;
            break;
          case "kill":
            for (const read of all) {
              if (!read.stream.future.done()) read.mayBeLost = true;
              read.mayBeCutOff = true;
            }
            for (const { name } of pool.workers()) exitFakeWorker(name, 3);
            break;
          default:
            one satisfies never;
        }
        for (const read of all) read.check();
      }
      for (const read of all) {
        read.isLeft = true;
        reading.push(read.stream.return().then(() => {}));
      }
      await Promise.all(reading);
      await pool.shutdown();
      for (const read of all) {
        read.check();
        assert.equal(read.callbacks, 1);
        const { items, ended, runs } = madeBy(read.plan.stream);
        // A worker that was killed takes its generator along; an unread generator never began.
        if (!read.mayBeCutOff && items > 0) assert.equal(ended, runs);
      }
      const { running, queued } = pool.stats();
      assert.deepEqual([running, queued, liveFakeWorkers()], [0, 0, 0]);
    }),
    { numRuns: Number(process.env.MODEL_RUNS ?? PROGRAMS) },
  );
});
