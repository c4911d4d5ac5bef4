// Timeline: the bars and the workers' lives that the lanes draw, kept in order as news of them comes.

import type { Bar as BarTuple, Mark } from "../../contract.ts";

/** How one run of a job on one worker ended, or that it has not. */
export type Outcome = "running" | "finished" | "failed" | "cancelled";

/** One run of a job on one worker. Times are milliseconds since 1970, with fractions. */
export interface Bar {
  /** Names the run: a job that is run again after a lost worker has two. */
  readonly key: string;
  readonly jobId: string;
  readonly number: number;
  readonly kind: string;
  readonly lane: string;
  readonly submittedAt: number;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** How it ended in one word: its state, or the reason why it failed. */
  readonly end: string;
  readonly outcome: Outcome;
  /** More than one where short neighbours are drawn as one bar. */
  readonly jobs: number;
  /** What it waited for and held. */
  readonly marks?: readonly Mark[] | undefined;
  /** The number of its group, if it is of one. */
  readonly group?: number | undefined;
}

/** The time in which jobs of one group ran on a worker. */
export interface GroupSpan {
  from: number;
  to: number;
  /** The bar that goes on, by its key. */
  open: string | undefined;
}

/** One worker, from its start to its end. */
export interface Lane {
  readonly key: string;
  readonly executor: string;
  readonly worker: string;
  readonly workerId: number;
  readonly bornAt: number;
  diedAt: number | null;
  /** Why it ended, for people; null while it lives, and where it ended as it was asked to. */
  why: string | null;
  /** In the order of their starts. A worker runs one job at a time, so they do not overlap. */
  readonly bars: Bar[];
  /** By their numbers, those that began first in front. */
  readonly groups: Map<number, GroupSpan>;
}

/** What is known of a worker; the rest of a lane is its bars. */
export type Life = Omit<Lane, "bars" | "groups">;

/** Bars that are kept; with more, the oldest go. Twice what must be drawn at sixty frames a second. */
export const KEPT_BARS = 20_000;

/** Groups that are kept of each lane; with more, the oldest go. */
const KEPT_GROUPS = 500;

/** Lanes of ended workers that are kept. */
const KEPT_ENDED = 200;

export class Timeline {
  readonly #lanes = new Map<string, Lane>();
  #bars = 0;
  #version = 0;
  readonly #listeners = new Set<() => void>();

  /** Grows with every change, so that a painter knows whether there is something new. */
  get version(): number {
    return this.#version;
  }

  /** Has somebody told of every change, until it is disposed of. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get size(): number {
    return this.#bars;
  }

  /** The lanes of one executor stand together, in the order of their births. */
  get lanes(): Lane[] {
    return [...this.#lanes.values()].sort(
      (a, b) =>
        (a.executor < b.executor ? -1 : a.executor > b.executor ? 1 : 0) ||
        a.bornAt - b.bornAt ||
        (a.key < b.key ? -1 : 1),
    );
  }

  /** The lanes of workers that live in a span of time; of one executor, if one is named. */
  lanesIn(from: number, to: number, executor?: string): Lane[] {
    return this.lanes.filter(
      (lane) =>
        (executor === undefined || lane.executor === executor) &&
        lane.bornAt <= to &&
        (lane.diedAt === null || lane.diedAt >= from),
    );
  }

  /** Adds a worker, or changes what is known of it. */
  putLife(life: Life): void {
    const lane = this.#lanes.get(life.key);
    this.#lanes.set(life.key, {
      ...life,
      bars: lane?.bars ?? [],
      groups: lane?.groups ?? new Map(),
    });
    this.#changed();
    if (this.#lanes.size > KEPT_ENDED) this.#forgetEnded();
  }

  /** Adds a run, or changes one that is there. A run on a worker nobody spoke of is dropped. */
  putBar(bar: Bar): void {
    const lane = this.#lanes.get(bar.lane);
    if (lane === undefined) return;
    const { bars } = lane;
    this.#changed();
    if (bar.group !== undefined) noteGroup(lane.groups, bar.group, bar);
    const known = placeOf(bars, bar);
    if (known >= 0) {
      bars[known] = bar;
      return;
    }
    bars.splice(startsAfter(bars, bar.startedAt), 0, bar);
    this.#bars++;
    if (this.#bars > KEPT_BARS * 1.1) this.#forgetOldest();
  }

  /** Gives a bar as it is now; as it was, if it is not known any more. */
  current(bar: Bar): Bar {
    const bars = this.#lanes.get(bar.lane)?.bars ?? [];
    return bars[placeOf(bars, bar)] ?? bar;
  }

  clear(): void {
    this.#lanes.clear();
    this.#bars = 0;
    this.#changed();
  }

  /** The span of time in which anything happened; undefined where nothing did. */
  span(): { from: number; to: number } | undefined {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const { bars } of this.#lanes.values()) {
      const [first] = bars;
      const last = bars.at(-1);
      if (first === undefined || last === undefined) continue;
      from = Math.min(from, first.startedAt);
      to = Math.max(to, last.finishedAt ?? last.startedAt);
    }
    return from <= to ? { from, to } : undefined;
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  #forgetOldest(): void {
    const starts = this.lanes.flatMap(({ bars }) => bars.map(({ startedAt }) => startedAt));
    const cut = starts.sort((a, b) => a - b)[starts.length - KEPT_BARS] ?? 0;
    this.#bars = 0;
    for (const { bars } of this.#lanes.values()) {
      bars.splice(0, startsAfter(bars, cut - Number.EPSILON));
      this.#bars += bars.length;
    }
  }

  #forgetEnded(): void {
    const ended = this.lanes.filter(({ diedAt }) => diedAt !== null);
    ended.sort((a, b) => (a.diedAt ?? 0) - (b.diedAt ?? 0));
    for (const { key, bars } of ended.slice(0, Math.max(0, ended.length - KEPT_ENDED))) {
      this.#bars -= bars.length;
      this.#lanes.delete(key);
    }
  }
}

/** What the end of a bar comes to. */
export function outcomeOf(end: BarTuple[8]): Outcome {
  switch (end) {
    case "pending":
    case "running":
      return "running";
    case "finished":
    case "cancelled":
      return end;
    case "failed":
    case "timed-out":
    case "worker-lost":
    case "server-lost":
      return "failed";
    default:
      return end satisfies never;
  }
}

/** Has the span of a group reach as far as one of its bars. */
function noteGroup(groups: Lane["groups"], group: number, bar: Bar): void {
  const { key, startedAt, finishedAt } = bar;
  let span = groups.get(group);
  if (span === undefined) {
    span = { from: startedAt, to: startedAt, open: undefined };
    groups.set(group, span);
    const [oldest] = groups.keys();
    if (groups.size > KEPT_GROUPS) groups.delete(oldest as number);
  }
  span.from = Math.min(span.from, startedAt);
  if (finishedAt === null) span.open = key;
  else {
    span.to = Math.max(span.to, finishedAt);
    if (span.open === key) span.open = undefined;
  }
}

/** Where a bar of the same run stands; -1, if there is none. Several may have started at the same time. */
function placeOf(bars: readonly Bar[], { key, startedAt }: Bar): number {
  for (let i = startsAfter(bars, startedAt) - 1; bars[i]?.startedAt === startedAt; i--) {
    if (bars[i]?.key === key) return i;
  }
  return -1;
}

/** Finds the first bar that starts later than a time. */
export function startsAfter(bars: readonly Bar[], time: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bars[middle] as Bar).startedAt <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the bar of a lane that covers a time, or the one that is nearest to it within some milliseconds. */
export function barAt(
  bars: readonly Bar[],
  time: number,
  now: number,
  reach: number,
): Bar | undefined {
  const after = startsAfter(bars, time);
  const before = bars[after - 1];
  const next = bars[after];
  const late = before ? Math.max(0, time - (before.finishedAt ?? now)) : Number.POSITIVE_INFINITY;
  const early = next ? next.startedAt - time : Number.POSITIVE_INFINITY;
  if (Math.min(late, early) > reach) return undefined;
  return late <= early ? before : next;
}
