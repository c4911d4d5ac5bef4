// Scheduler: what is sent ahead behind a call of some milliseconds, and who gets it in the end; when workers are started.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importTasks, PoolExecutor } from "../../../mod.ts";
import { VirtualClock } from "../../proofs/model/virtual_clock.ts";
import { CELLS, Claims } from "../memory/shared_memory.ts";
import type { ChannelHandlers, Spawn } from "../seam/channel.ts";

/** Milliseconds that each call takes. */
const CALL_MS = 5;

const tasks = importTasks<{ echo(n: number): number; other(n: number): number }>("data:,");

/** A worker that begins and ends calls when a test says so. */
class ScriptedWorker {
  readonly claims: Claims = new Claims(new Int32Array(CELLS));
  /** The arguments of the calls it was sent. */
  readonly sent: unknown[] = [];
  #next = 0;
  #runs = false;

  constructor(readonly handlers: ChannelHandlers) {}

  /** Begins the next call that was not taken back, if none runs; tells its argument, undefined if there is none. */
  begin(): unknown {
    while (!this.#runs && this.#next < this.sent.length) {
      this.#runs = this.claims.begin(this.#next);
      if (!this.#runs) this.#settle(undefined);
    }
    return this.sent[this.#next];
  }

  end(): void {
    this.#runs = false;
    this.#settle(this.sent[this.#next]);
  }

  /** What it has that it may begin. */
  get waiting(): unknown[] {
    return this.sent.slice(this.#next + 1);
  }

  #settle(value: unknown): void {
    const first = this.#next++;
    this.handlers.onMessage({ kind: "settled", first, values: [value], elapsed: CALL_MS });
  }
}

/** Starts scripted workers, and keeps them in `workers`. */
function scripted(workers: ScriptedWorker[], whileStarting = () => {}): Spawn {
  return (handlers) => {
    whileStarting();
    const worker = new ScriptedWorker(handlers);
    workers.push(worker);
    return {
      memory: { claims: worker.claims },
      send(message) {
        if (message.kind === "run") worker.sent.push(...message.runs.flatMap(({ args }) => args));
        if (message.kind === "stop") queueMicrotask(() => handlers.onExit({ code: 0 }));
      },
      terminate: () => queueMicrotask(() => handlers.onExit({ code: 0 })),
    };
  };
}

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
