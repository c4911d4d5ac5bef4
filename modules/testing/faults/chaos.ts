// Chaos and soak: everything at once, at random, for as long as there is time; then everything must be as before.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { CancelledError, type Future, PoolExecutor, WorkerLostError } from "../../../mod.ts";
import { withRealWorkers } from "../cases/_applicability.ts";
import { collectGarbage } from "../collect_garbage.ts";
import { arithmetic, bystanders, deaths, harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";

/** So many calls are under way at once. */
const UNDER_WAY = 60;
const MAX_WORKERS = 4;

/** Everything at once. */
export const chaosFaults: readonly Fault[] = [
  {
    id: "chaos",
    title:
      "random tasks, cancels, sizes and deaths: each call runs once at most, and settles as what became of it",
    applies: withRealWorkers,
    async run(scene) {
      const random = seeded(scene.seed);
      const pool = scene.create({ maxWorkers: 2, interruptGrace: 5 });
      assert.ok(pool instanceof PoolExecutor);
      const log = scene.log();
      const until = performance.now() + scene.milliseconds(1000);
      const outcomes = { value: 0, lost: 0, cancelled: 0 };
      const underWay = new Set<Promise<void>>();
      let [calls, died] = [0, 0];
      scene.strike();
      while (performance.now() < until) {
        const id = calls++;
        const dice = random();
        if (dice < 0.02) died++;
        const future = submitAny(pool, dice, log.path, id);
        if (random() < 0.03) future.cancel({ interrupt: random() < 0.5 });
        const done = settle(future, id, outcomes).finally(() => underWay.delete(done));
        underWay.add(done);
        if (random() < 0.01) pool.resize(1 + Math.floor(random() * MAX_WORKERS));
        if (random() < 0.01) died += killAny(pool, random);
        // Now and then one by one, now and then in bursts.
        if (underWay.size >= UNDER_WAY || random() < 0.05) await Promise.race(underWay);
      }
      await Promise.all(underWay);
      await scene.recover(pool);
      const runs = new Map<string, number>();
      for (const line of log.lines()) runs.set(line, (runs.get(line) ?? 0) + 1);
      const doubled = [...runs].filter(([, count]) => count > 1);
      assert.deepEqual(doubled, [], "no call of at most one run ran twice");
      assert.equal(outcomes.value + outcomes.lost + outcomes.cancelled, calls, "each settled");
      const { queued, running, busy } = pool.stats();
      assert.deepEqual({ queued, running, busy }, { queued: 0, running: 0, busy: 0 });
      scene.note(
        `${calls} calls, ${died} deaths, ${outcomes.lost} lost workers' calls, seed ${scene.seed}`,
      );
    },
  },
  {
    id: "soak",
    title: "mixed load with a death now and then leaves memory, handles and threads as they were",
    applies: withRealWorkers,
    async run(scene) {
      const pool = scene.create({ maxWorkers: 2, maxTasksPerWorker: 500 });
      const load = async () => {
        const values = pool.map(arithmetic.wrap, numbers(2000), { bufferSize: 100 });
        for await (const { n } of values) assert.ok(n >= 0);
        await Promise.all(Array.from({ length: 200 }, (_, n) => pool.submit(arithmetic.wrap, n)));
        await pool.submit(deaths.exit, 3).exception();
      };
      // Warm: modules are loaded, pages are taken, workers were replaced.
      for (let round = 0; round < 5; round++) await load();
      const before = await measure();
      const samples: { at: number; rss: number }[] = [];
      scene.strike();
      const start = performance.now();
      let rounds = 0;
      do {
        await load();
        rounds++;
        if (rounds % 10 === 0) samples.push({ at: rounds, rss: (await measure()).rss });
      } while (performance.now() - start < scene.milliseconds(1000));
      await scene.recover(pool);
      await pool.shutdown();
      const after = await measure();
      assert.equal(pool.stats().workers, 0);
      if (before.handles !== undefined) {
        assert.ok(
          (after.handles ?? 0) <= before.handles,
          `handles: ${JSON.stringify({ before, after })}`,
        );
        assert.ok(
          (after.threads ?? 0) <= (before.threads ?? 0),
          `threads: ${JSON.stringify({ before, after })}`,
        );
      }
      const grown = (after.rss - before.rss) / 2 ** 20;
      // Noise of a heap that has room: what leaks with each task or each worker is more in as many rounds.
      assert.ok(grown < 60, `memory grew by ${grown.toFixed(1)} MiB in ${rounds} rounds`);
      const slope = slopeOf(samples);
      scene.note(
        `${rounds * 2200} tasks, ${rounds} deaths; memory ${grown.toFixed(1)} MiB more, ` +
          `${slope.toFixed(2)} MiB for 100 000 tasks`,
      );
      if (before.handles === undefined) return;
      scene.note(
        `handles ${before.handles} to ${after.handles}, threads ${before.threads} to ${after.threads}`,
      );
    },
  },
];

/** Some task: most only tell that they ran, some wait, some spin, some die. */
function submitAny(pool: PoolExecutor, dice: number, log: string, id: number): Future<unknown> {
  if (dice < 0.02) return pool.submit(deaths.logAndExit, log, `${id}`, 3);
  if (dice < 0.1) return pool.submit(harm.logAndWait, log, id, Math.floor(dice * 100));
  if (dice < 0.12) return pool.submit(bystanders.attend.with({ timeout: 5000 }), log, id);
  if (dice < 0.14) return pool.submit(bystanders.attend.with({ priority: 1 }), log, id);
  return pool.submit(bystanders.attend, log, id);
}

/** Ends some worker from outside. */
function killAny(pool: PoolExecutor, random: () => number): number {
  const workers = pool.workers();
  const worker = workers[Math.floor(random() * workers.length)];
  return worker !== undefined && pool.terminateWorker(worker.id) ? 1 : 0;
}

async function settle(
  future: Future<unknown>,
  id: number,
  outcomes: { value: number; lost: number; cancelled: number },
): Promise<void> {
  try {
    assert.equal(await future, id, "its value is its own");
    outcomes.value++;
  } catch (error) {
    if (error instanceof WorkerLostError) outcomes.lost++;
    else if (error instanceof CancelledError) outcomes.cancelled++;
    else throw error;
  }
}

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}

/** What the program has: memory, and where the system tells, open handles and threads. */
async function measure(): Promise<{ rss: number; handles?: number; threads?: number }> {
  await collectGarbage();
  const { rss } = process.memoryUsage();
  try {
    if (!existsSync("/proc/self/fd")) return { rss };
    const threads = Number(
      /^Threads:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1],
    );
    return { rss, handles: readdirSync("/proc/self/fd").length, threads };
  } catch {
    // Deno opens these files only to programs that may do everything.
    return { rss };
  }
}

/** MiB for a hundred thousand tasks, by least squares. */
function slopeOf(samples: readonly { at: number; rss: number }[]): number {
  const mean = (of: (sample: { at: number; rss: number }) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanAt, meanRss] = [mean(({ at }) => at), mean(({ rss }) => rss)];
  const spread = mean(({ at }) => (at - meanAt) ** 2);
  if (!(spread > 0)) return 0;
  const slope = mean(({ at, rss }) => (at - meanAt) * (rss - meanRss)) / spread;
  return (slope / 2 ** 20) * (100_000 / 2200);
}

/** Numbers from 0 to 1 that a seed repeats: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
