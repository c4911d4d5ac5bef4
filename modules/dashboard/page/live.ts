// The live state: what the server's stream of events has told, as signals and as the timeline.

import { batch, type Signal, signal } from "@preact/signals";
import type {
  Bar as BarTuple,
  Comparison,
  Counts,
  ExecutorView,
  JobRow,
  RunView,
  Sample,
  ServerView,
  Snapshot,
  Storage,
  Trial,
  Update,
  WorkerView,
} from "../contract.ts";
import { connection, lostAt } from "./connection.ts";
import { outcomeOf, Timeline } from "./lanes/timeline.ts";
import { type LocalNews, local } from "./local.ts";
import type { Told } from "./stream/event_stream.ts";

/** Runs that are kept. */
const KEPT_RUNS = 100;

/** Ten minutes of samples, one a second, are kept for each executor. */
const KEPT_SAMPLES = 600;

export const server = signal<ServerView | undefined>(undefined);
export const storage = signal<Storage | undefined>(undefined);
export const counts = signal<Counts | undefined>(undefined);
export const executors = signal<ExecutorView[]>([]);
export const comparison = signal<Comparison | undefined>(undefined);
export const trial = signal<Trial | undefined>(undefined);

/** Shows what a request has begun, unless the stream was faster than its answer, and may have told of the end already. */
export function showBegun<T extends { readonly id: string }>(
  shown: Signal<T | undefined>,
  begun: T,
): void {
  if (shown.peek()?.id !== begun.id) shown.value = begun;
}
export const samples = signal<ReadonlyMap<string, readonly Sample[]>>(new Map());
/** What was submitted together, the newest first. */
export const runs = signal<readonly RunView[]>([]);
/** The workers that live, by executor. */
export const workers = signal<readonly WorkerView[]>([]);
export const timeline = new Timeline();

/** Told of jobs that changed; of `undefined`, when everything may have. */
export type RowsListener = (rows: readonly JobRow[] | undefined, more: number) => void;

const listeners = new Set<RowsListener>();

export function onRows(listener: RowsListener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** What may be done here: nothing, before the server has spoken. */
export function can(what: keyof ServerView["can"]): boolean {
  return server.value?.can[what] ?? false;
}

export function executorOf(name: string): ExecutorView | undefined {
  return executors.value.find((executor) => executor.name === name);
}

/** Takes what the server's stream tells. */
export function hear(told: Told): void {
  switch (told.what) {
    case "connection":
      batch(() => {
        connection.value = told.state;
        lostAt.value = told.state === "live" ? undefined : (told.heardAt ?? lostAt.peek());
      });
      break;
    case "snapshot":
      begin(JSON.parse(told.text) as Snapshot);
      break;
    case "update":
      apply(JSON.parse(told.text) as Update);
      break;
    default:
      told satisfies never;
  }
}

/** Forgets what was, and takes what is. */
function begin(snapshot: Snapshot): void {
  timeline.clear();
  putTimeline(snapshot.workers, snapshot.bars);
  batch(() => {
    connection.value = "live";
    lostAt.value = undefined;
    server.value = snapshot.server;
    storage.value = snapshot.server.storage;
    counts.value = snapshot.counts;
    executors.value = snapshot.executors;
    comparison.value = snapshot.comparison ?? undefined;
    trial.value = snapshot.trial ?? undefined;
    samples.value = withSamples(new Map(), snapshot.samples);
    runs.value = snapshot.runs;
    workers.value = withWorkers([], snapshot.workers);
  });
  const here = local()?.all();
  if (here) put(here);
  for (const listener of listeners) listener(undefined, 0);
}

/** Takes what runs in this page: a source of its own, beside the server's. */
export function hearLocal(news: LocalNews): void {
  put(news);
  for (const listener of listeners) listener(news.rows, 0);
}

function put(news: LocalNews): void {
  putTimeline(news.workers, news.bars);
  batch(() => {
    if (news.samples.length > 0) samples.value = withSamples(samples.value, news.samples);
    if (news.runs.length > 0) runs.value = withRuns(runs.value, news.runs);
  });
}

function apply(update: Update): void {
  put(update);
  batch(() => {
    counts.value = update.counts;
    executors.value = update.executors;
    if (update.comparison) comparison.value = update.comparison;
    if (update.trial) trial.value = update.trial;
    if (update.storage) storage.value = update.storage;
    if (update.workers.length > 0) workers.value = withWorkers(workers.value, update.workers);
  });
  for (const listener of listeners) listener(update.rows, update.moreRows + update.forgotten);
}

function putTimeline(lives: readonly WorkerView[], bars: readonly BarTuple[]): void {
  for (const life of lives) {
    timeline.putLife({
      key: `${life.executor}/${life.id}`,
      executor: life.executor,
      worker: life.name,
      workerId: life.id,
      bornAt: life.startedAt,
      diedAt: life.exitedAt,
      why: life.exit && exitText(life.exit),
    });
  }
  for (const bar of bars) {
    const [jobId, number, kind, executor, worker, submittedAt, startedAt, finishedAt, ...rest] =
      bar;
    const [end, jobs, marks, group] = rest;
    timeline.putBar({
      key: `${jobId}@${startedAt}`,
      jobId,
      number,
      kind,
      lane: `${executor}/${worker}`,
      submittedAt,
      startedAt,
      finishedAt,
      end,
      outcome: outcomeOf(end),
      jobs,
      marks,
      group,
    });
  }
}

/** Says how a worker ended, if it did not because it was to. */
function exitText(exit: NonNullable<WorkerView["exit"]>): string | null {
  if (exit.abandoned) return "abandoned: it could not be stopped";
  if (exit.signal !== null) return `killed by ${exit.signal}`;
  return exit.code === null || exit.code === 0 ? null : `exit code ${exit.code}`;
}

function withSamples(
  known: ReadonlyMap<string, readonly Sample[]>,
  news: readonly Sample[],
): Map<string, readonly Sample[]> {
  const next = new Map(known);
  for (const sample of news) {
    const before = next.get(sample.executor) ?? [];
    // A snapshot has what an update tells again.
    if ((before.at(-1)?.at ?? 0) >= sample.at) continue;
    next.set(sample.executor, [...before.slice(1 - KEPT_SAMPLES), sample]);
  }
  return next;
}

function withRuns(known: readonly RunView[], news: readonly RunView[]): RunView[] {
  const changed = new Set(news.map(({ id }) => id));
  const all = [...news, ...known.filter(({ id }) => !changed.has(id))];
  return all.sort((a, b) => b.submittedAt - a.submittedAt).slice(0, KEPT_RUNS);
}

function withWorkers(known: readonly WorkerView[], news: readonly WorkerView[]): WorkerView[] {
  const byKey = new Map(known.map((worker) => [`${worker.executor}/${worker.id}`, worker]));
  for (const worker of news) {
    const key = `${worker.executor}/${worker.id}`;
    if (worker.exitedAt === null) byKey.set(key, worker);
    else byKey.delete(key);
  }
  return [...byKey.values()];
}
