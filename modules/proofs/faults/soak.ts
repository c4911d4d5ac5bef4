// Soak: a mixed load for ten minutes; memory must not grow, and in the end everything must be as before.
//
// It judges memory, not time: executors may soak side by side.

import assert from "node:assert/strict";
import process from "node:process";
import { delay } from "deno-std/async/delay.js";
import { CancelledError, PoolExecutor, TimeoutError, WorkerLostError } from "../../../mod.ts";
import { withRealWorkers } from "../../testing/applicability.ts";
import { seeded } from "../../testing/seeded.ts";
import { arithmetic, deaths, failures, places } from "../../testing/tasks.ts";
import { chaos } from "../tasks.ts";
import type { Fault } from "./fault.ts";
import type { FaultScene } from "./fault_scene.ts";
import { measureProgram, type ProgramSize } from "./program_size.ts";

const SECONDS = 600;
/**
 * In less, a runtime's memory and its own threads have not found their number, and say nothing: they were seen to rise by
 * 26 MiB in forty seconds, and by 44 threads in twenty-five; in ten minutes memory rose by 2 MiB, and threads passed.
 */
const TRENDS_JUDGED_MS = 300_000;
/** Between two samples, in milliseconds, at most; and how many there are at least, however short the soak is. */
const SAMPLE_EVERY_MS = 3000;
const SAMPLES = 30;
const PROGRESS_EVERY_MS = 30_000;
/** The share of the samples at the beginning that are not judged: heaps find their size, allocators keep what they had. */
const WARM_UP = 1 / 3;
/** MiB of growth for a hundred thousand tasks: well above what was seen, 0.07, and well below what one kept task would cost … */
const MOST_SLOPE = 0.5;
/** … which a soak may have too few tasks to tell from noise: so much altogether, in MiB, is none, nor is what it once gave back. */
const NOISE = 12;
/** Both of the heap in use, after a collection: it has no allocator's noise. */
const MOST_HEAP_SLOPE = 0.1;
const HEAP_NOISE = 2;
/** A runtime's own threads for files and the like end a while after they were last needed, in milliseconds. */
const THREADS_END_MS = 15_000;

interface Sample extends ProgramSize {
  readonly tasks: number;
}

/** Much, for long. */
export const soakFaults: readonly Fault[] = [
  {
    id: "soak",
    title: "a mixed load with a death now and then leaves memory, handles and threads as they were",
    applies: withRealWorkers,
    async run(scene) {
      const random = seeded(scene.seed);
      // What the runtime itself opens once and keeps is open after a first pool.
      const first = scene.create({ maxWorkers: 3 });
      assert.ok(first instanceof PoolExecutor);
      await soakFor(scene, first, random, scene.isLong ? 4000 : 0);
      await first.shutdown();
      const base = await measureProgram();

      const pool = scene.create({ maxWorkers: 3, maxTasksPerWorker: 20_000 });
      assert.ok(pool instanceof PoolExecutor);
      const soakMs = scene.milliseconds(300, SECONDS);
      const samples = await soakFor(scene, pool, random, soakMs);
      // Not before: what is told is how soon a pool serves that has been through all this.
      scene.strike();
      await scene.recover(pool);
      await pool.shutdown();
      assert.equal(pool.stats().workers, 0);
      const end = await settleAt(base);
      const tasks = samples.at(-1)?.tasks ?? 0;
      const { lost } = pool.stats();
      assert.equal(end.children ?? 0, 0, "no process is left");
      assert.ok((end.handles ?? 0) <= (base.handles ?? 0), `handles: ${told({ base, end })}`);
      assert.ok((end.threads ?? 0) <= (base.threads ?? 0), `threads: ${told({ base, end })}`);
      scene.note(
        `${tasks} tasks, ${lost} deaths; handles ${base.handles} to ${end.handles}, ` +
          `threads ${base.threads} to ${end.threads}, rss ${mib(base.rss)} to ${mib(end.rss)} MiB`,
      );
      if (!scene.isLong) return;

      const judged = samples.slice(Math.floor(samples.length * WARM_UP));
      assert.ok(judged.length >= 5, `${judged.length} samples are too few to judge`);
      const soaked = tasks - (judged[0] as Sample).tasks;
      const showsTrends = soakMs >= TRENDS_JUDGED_MS;
      for (const [what, most, noise] of [
        ["rss", MOST_SLOPE, Math.max(NOISE, largestFall(samples))],
        ["heap", MOST_HEAP_SLOPE, HEAP_NOISE],
      ] as const) {
        const slope = slopeOf(judged, what);
        const grown = (slope * soaked) / 100_000;
        scene.note(
          `${what}: ${slope.toFixed(3)} MiB for 100 000 tasks, ${grown.toFixed(1)} MiB in ${soaked} tasks after warm-up`,
        );
        if (what === "rss" && !showsTrends) continue;
        assert.ok(
          slope <= most || grown <= noise,
          `${what} grows: ${told({ slope, grown, samples })}`,
        );
      }
      if (!showsTrends) {
        const least = TRENDS_JUDGED_MS / 1000;
        scene.note(
          `growth of rss, handles and threads meanwhile is not judged in less than ${least} s`,
        );
        return;
      }
      for (const what of ["handles", "threads"] as const) {
        // The least in the first and in the last third: how many there are goes by how many workers and requests there are,
        // but what leaks is there all the time.
        const third = Math.floor(judged.length / 3);
        const [early, late] = [judged.slice(0, third), judged.slice(-third)].map((part) =>
          Math.min(...part.map((sample) => sample[what] ?? 0)),
        ) as [number, number];
        assert.ok(late <= early * 1.5 + 8, `${what} grow: ${told({ early, late })}`);
      }
    },
  },
];

/** Loads a pool for so long, one round at least. */
async function soakFor(
  scene: FaultScene,
  pool: PoolExecutor,
  random: () => number,
  ms: number,
): Promise<Sample[]> {
  const log = scene.log().path;
  const samples: Sample[] = [];
  const started = performance.now();
  const sampleEvery = Math.min(SAMPLE_EVERY_MS, ms / SAMPLES);
  let [sampledAt, toldAt] = [started, started];
  do {
    await round(pool, random, log);
    const now = performance.now();
    if (now - sampledAt < sampleEvery && now - started < ms) continue;
    const { finished, failed, cancelled } = pool.stats();
    const sample = { tasks: finished + failed + cancelled, ...(await measureProgram()) };
    samples.push(sample);
    sampledAt = performance.now();
    if (sampledAt - toldAt < PROGRESS_EVERY_MS) continue;
    toldAt = sampledAt;
    const { tasks, rss, heap, handles, threads } = sample;
    scene.progress(
      `${Math.round((toldAt - started) / 1000)} s, ${tasks} tasks, ${pool.stats().lost} deaths, rss ${mib(rss)} MiB, ` +
        `heap ${mib(heap)} MiB, ${handles} handles, ${threads} threads`,
    );
  } while (performance.now() - started < ms);
  return samples;
}

/** Some of everything. */
async function round(pool: PoolExecutor, random: () => number, log: string): Promise<void> {
  const isObserved = random() < 0.3;
  let events = 0;
  const observation = isObserved ? pool.observe(() => events++) : undefined;

  // Small and many; objects through map; errors.
  const squares = Array.from({ length: 1000 }, (_, n) => pool.submit(arithmetic.square, n));
  for (const [n, square] of squares.entries()) assert.equal(await square, n ** 2);
  let read = 0;
  for await (const { n } of pool.map(arithmetic.wrap, numbers(500), { bufferSize: 100 }))
    assert.equal(n, read++);
  const errors = Array.from({ length: 20 }, (_, n) =>
    pool.submit(failures.throwRangeError, `${n}`),
  );
  for (const error of errors) assert.ok((await error.exception()) instanceof RangeError);

  // Large both ways, copied and moved.
  const bytes = 2 ** (10 + Math.floor(random() * 11));
  assert.equal(await pool.submit(arithmetic.lengthOf, new Uint8Array(bytes)), bytes);
  assert.equal((await pool.submit(arithmetic.makeBytes, bytes)).length, bytes);
  assert.equal((await pool.submit(arithmetic.makeText, bytes)).length, bytes);

  // Cancelled while they wait, interrupted, out of time: by tasks that listen, as no runtime stops every thread.
  const waiting = Array.from({ length: 50 }, (_, n) => pool.submit(arithmetic.identity, n));
  for (const future of waiting.slice(25)) future.cancel();
  for (const future of waiting.slice(0, 25)) await future;
  const polite = pool.submit(chaos.polite, log, 9);
  polite.cancel({ interrupt: true });
  assert.ok((await polite.exception().catch((error: unknown) => error)) instanceof CancelledError);
  const late = await pool.submit(chaos.polite.with({ timeout: 1 }), log, 9).exception();
  assert.ok(late === undefined || late instanceof TimeoutError, String(late));

  observation?.[Symbol.dispose]();
  assert.ok(!isObserved || events > 3000, `${events} events`);

  // Now and then a worker dies, of itself or by a signal, or there are more or fewer of them.
  const dice = random();
  if (dice < 0.03)
    assert.ok((await pool.submit(deaths.exit, 3).exception()) instanceof WorkerLostError);
  else if (dice < 0.05) {
    const { pid } = await pool.submit(places.whereAmI);
    if (pid !== process.pid) process.kill(pid, "SIGKILL");
  } else if (dice < 0.08) pool.resize(1 + Math.floor(random() * 3));
  else if (dice < 0.09) pool.terminateWorker(pool.workers()[0]?.id ?? -1);
}

/** Waits until handles and threads are no more than they were, as long as a runtime may take for its own. */
async function settleAt(base: ProgramSize): Promise<ProgramSize> {
  // The pauses grow, for whatever is done in between may keep such a thread awake.
  for (let pause = 200; ; pause *= 2) {
    const size = await measureProgram();
    const isSettled =
      (size.handles ?? 0) <= (base.handles ?? 0) &&
      (size.threads ?? 0) <= (base.threads ?? 0) &&
      (size.children ?? 0) === 0;
    if (isSettled || pause > THREADS_END_MS) return size;
    await delay(pause);
  }
}

/** MiB for a hundred thousand tasks: the median of the slopes between all pairs (Theil and Sen), which outliers do not move. */
function slopeOf(samples: readonly Sample[], what: "rss" | "heap"): number {
  const slopes: number[] = [];
  for (const [index, a] of samples.entries()) {
    for (const b of samples.slice(index + 1)) {
      if (b.tasks > a.tasks) slopes.push((b[what] - a[what]) / (b.tasks - a.tasks));
    }
  }
  slopes.sort((a, b) => a - b);
  return ((slopes[Math.floor(slopes.length / 2)] ?? 0) / 2 ** 20) * 100_000;
}

/** MiB that were taken and given back again: memory that rises as much may be waiting for a collection, as it was then. */
function largestFall(samples: readonly Sample[]): number {
  let [most, fall] = [0, 0];
  for (const { rss } of samples) {
    most = Math.max(most, rss);
    fall = Math.max(fall, most - rss);
  }
  return fall / 2 ** 20;
}

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function told(what: unknown): string {
  return JSON.stringify(what);
}
