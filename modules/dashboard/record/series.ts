// Series: what each executor did in each of the last seconds, for charts; and since the start, for Prometheus.

import type { Executor, Outcome } from "@concurrent/futures";
import { Histogram } from "@concurrent/futures/record";
import type { Sample } from "../contract.ts";

/** Ten minutes. */
const KEPT_SECONDS = 600;

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

/** The samples of the last minutes, of all executors. */
export class Samples {
  readonly #kept: Sample[] = [];
  readonly #most: number;

  constructor(executors: number) {
    this.#most = KEPT_SECONDS * executors;
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
