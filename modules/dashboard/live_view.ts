// LiveView: composes what the live stream tells: everything, or what changed.

import type { Comparison, ServerView, Snapshot, Storage, Trial, Update } from "./contract.ts";
import type { Executors } from "./executors.ts";
import { barOf, mergeBars } from "./record/bars.ts";
import { type Job, rowOf } from "./record/job.ts";
import type { Change } from "./record/journal.ts";
import type { Recorder } from "./record/recorder.ts";

/** Rows in one update; of the others only the number is told. */
const ROWS = 100;

/** Bars in one update, about. */
const BARS = 400;

/** Bars in a snapshot, about; and how far back they reach, in milliseconds. */
const SNAPSHOT_BARS = 4000;
const SNAPSHOT_REACH = 120_000;

/** Runs in a snapshot, and in an update. */
const RUNS = 50;

/** Jobs that are looked at for the bars of a snapshot. */
const SNAPSHOT_JOBS = 20_000;

/** What there is one of, beside the jobs. */
export interface Singles {
  server(): ServerView;
  comparison(): Comparison | null;
  trial(): Trial | null;
}

export class LiveView {
  readonly #recorder: Recorder;
  readonly #executors: Executors;
  readonly #singles: Singles;

  constructor(recorder: Recorder, executors: Executors, singles: Singles) {
    this.#recorder = recorder;
    this.#executors = executors;
    this.#singles = singles;
  }

  /** All that a page needs to begin. */
  snapshot(): Snapshot {
    const { tally, workers, samples, runs } = this.#recorder;
    const now = performance.timeOrigin + performance.now();
    const bars = this.#recorder.bars(now - SNAPSHOT_REACH, now, SNAPSHOT_JOBS);
    return {
      server: this.#singles.server(),
      counts: tally.view(),
      executors: this.#executors.views(),
      workers: workers.all(),
      bars: mergeBars(bars, SNAPSHOT_BARS),
      samples: samples.all(),
      runs: runs.latest(RUNS),
      comparison: this.#singles.comparison(),
      trial: this.#singles.trial(),
    };
  }

  /** What these changes changed. */
  update(changes: readonly Change[]): Update {
    const jobs: Job[] = [];
    const update: Update = {
      counts: this.#recorder.tally.view(),
      executors: this.#executors.views(),
      rows: [],
      moreRows: 0,
      forgotten: 0,
      workers: [],
      bars: [],
      samples: [],
      runs: [],
    };
    for (const change of changes) {
      switch (change.what) {
        case "job":
          jobs.push(change.job);
          break;
        case "bar":
          update.bars.push(change.bar);
          break;
        case "worker":
          update.workers.push(change.worker);
          break;
        case "sample":
          update.samples.push(change.sample);
          break;
        case "forgotten":
          update.forgotten += change.jobs;
          break;
        case "listed":
          update.moreRows += change.jobs;
          break;
        case "comparison":
          update.comparison = this.#singles.comparison() as Comparison;
          break;
        case "trial":
          update.trial = this.#singles.trial() as Trial;
          break;
        case "storage":
          update.storage = this.#storage();
          break;
        default:
          change satisfies never;
      }
    }
    const runs = new Set(jobs.flatMap(({ asked: { batch } }) => batch ?? []));
    update.runs = [...runs].slice(-RUNS).flatMap((id) => this.#recorder.runs.get(id) ?? []);
    update.rows = jobs.slice(-ROWS).map(rowOf);
    update.moreRows += jobs.length - update.rows.length;
    for (const job of jobs) {
      const bar = barOf(job);
      if (bar !== undefined) update.bars.push(bar);
    }
    update.bars = mergeBars(update.bars, BARS);
    return update;
  }

  #storage(): Storage {
    return this.#recorder.history.storage;
  }
}
