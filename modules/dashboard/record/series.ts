// Series: what each executor did in each of the last seconds, for charts; and since the start, for Prometheus.

import type { Executor, Outcome } from "@concurrent/futures";
import { Histogram } from "@concurrent/futures/record";
import type { Percentiles, Sample } from "../contract.ts";

/** Ten minutes. */
const KEPT_SECONDS = 600;

/** A day, by minutes. */
const KEPT_MINUTES = 24 * 60;

/** Upper ends of Prometheus' buckets, in seconds: from a short task to a long one. */
export const BUCKETS = [
  0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

/** How long jobs took, since the start: jobs at or below each end of `BUCKETS`, and all of them. */
export class Durations {
  readonly buckets = new Float64Array(BUCKETS.length);
  count = 0;
  sum = 0;

  add(ms: number): void {
    const seconds = ms / 1000;
    const place = BUCKETS.findIndex((end) => seconds <= end);
    if (place >= 0) this.buckets[place] = (this.buckets[place] as number) + 1;
    this.count++;
    this.sum += seconds;
  }
}

/** What one executor did. */
export class ExecutorSeries {
  readonly waits = new Durations();
  readonly runs = new Durations();
  readonly totals = { submitted: 0, finished: 0, failed: 0, cancelled: 0, timedOut: 0, lost: 0 };
  readonly #wait = new Histogram();
  readonly #run = new Histogram();
  #second = { submitted: 0, finished: 0, failed: 0, cancelled: 0 };

  submitted(): void {
    this.totals.submitted++;
    this.#second.submitted++;
  }

  started(waited: number): void {
    this.waits.add(waited);
    this.#wait.add(waited);
  }

  settled(outcome: Outcome, ran: number | null): void {
    this.totals[outcome]++;
    this.#second[outcome]++;
    if (ran === null) return;
    this.runs.add(ran);
    this.#run.add(ran);
  }

  /** Ends a second, and tells of it. */
  take(at: number, name: string, executor: Executor): Sample {
    const { queued, running, workers, busy } = executor.stats();
    const wait = this.#wait.percentiles();
    const run = this.#run.percentiles();
    const sample = {
      at,
      executor: name,
      queued,
      running,
      workers,
      busy,
      ...this.#second,
      wait,
      run,
    };
    this.#second = { submitted: 0, finished: 0, failed: 0, cancelled: 0 };
    this.#wait.clear();
    this.#run.clear();
    return sample;
  }
}

/** The samples of the last minutes, and of the last day by minutes, of all executors. */
export class Samples {
  readonly #seconds: Ring;
  readonly #minutes: Ring;
  /** Of the minute that goes on, by executor. */
  readonly #minute = new Map<string, Sample[]>();

  constructor(executors: number) {
    this.#seconds = new Ring(KEPT_SECONDS * executors);
    this.#minutes = new Ring(KEPT_MINUTES * executors);
  }

  add(sample: Sample): void {
    this.#seconds.add(sample);
    const minute = this.#minute.get(sample.executor) ?? [];
    this.#minute.set(sample.executor, minute);
    minute.push(sample);
    if (minute.length < 60) return;
    this.#minutes.add(highest(minute));
    minute.length = 0;
  }

  /** Of each second. */
  all(): Sample[] {
    return this.#seconds.all();
  }

  /** Of each minute, the highest of its seconds; of the one that goes on, so far. */
  byMinute(): Sample[] {
    const open = [...this.#minute.values()].filter(({ length }) => length > 0).map(highest);
    return [...this.#minutes.all(), ...open];
  }
}

/** So many samples, the last ones. */
class Ring {
  readonly #kept: Sample[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(sample: Sample): void {
    this.#kept.push(sample);
    // In larger steps, for what is in front costs the length of all.
    if (this.#kept.length > this.#most + 100) this.#kept.splice(0, this.#kept.length - this.#most);
  }

  all(): Sample[] {
    return this.#kept.slice(-this.#most);
  }
}

/** What was the highest of each figure: a peak of a second is seen in a day, too. */
function highest(samples: readonly Sample[]): Sample {
  const [first, ...rest] = samples as [Sample, ...Sample[]];
  return rest.reduce((a, b) => {
    const most = (name: keyof Sample) => Math.max(a[name] as number, b[name] as number);
    return {
      at: b.at,
      executor: b.executor,
      queued: most("queued"),
      running: most("running"),
      workers: most("workers"),
      busy: most("busy"),
      submitted: most("submitted"),
      finished: most("finished"),
      failed: most("failed"),
      cancelled: most("cancelled"),
      wait: longest(a.wait, b.wait),
      run: longest(a.run, b.run),
    };
  }, first);
}

function longest(a: Percentiles | null, b: Percentiles | null): Percentiles | null {
  if (a === null || b === null) return a ?? b;
  const most = (name: keyof Percentiles) => Math.max(a[name], b[name]);
  return { p50: most("p50"), p95: most("p95"), p99: most("p99") };
}
