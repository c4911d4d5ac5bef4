// Charts: how an executor did in the last minute, or up to a day: throughput, queue, waiting and running times, workers.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Percentiles, Sample } from "../../contract.ts";
import { fetchDay } from "../api.ts";
import { count, duration } from "../format.ts";
import { executors, samples } from "../live.ts";
import { attempt } from "../notices.ts";
import type { Line } from "../parts/chart.tsx";
import { Empty } from "../parts/empty.tsx";
import {
  type FigureOf,
  QUEUE,
  type SampleChart,
  SampleCharts,
  THROUGHPUT,
} from "../parts/sample_charts.tsx";
import { addressOf, ask, asked } from "../route.ts";

/** Spans of time to choose from, by their names in the URL. The longer ones are of minutes. */
const SPANS = [
  { name: "1m", title: "1 minute", ms: 60_000, byMinute: false },
  { name: "5m", title: "5 minutes", ms: 300_000, byMinute: false },
  { name: "10m", title: "10 minutes", ms: 600_000, byMinute: false },
  { name: "1h", title: "1 hour", ms: 3_600_000, byMinute: true },
  { name: "1d", title: "1 day", ms: 86_400_000, byMinute: true },
] as const;

/** Minutes are asked for again this often. */
const DAY_EVERY_MS = 15_000;

export function Charts() {
  const span = SPANS.find(({ name }) => name === asked("span")) ?? SPANS[0];
  const byMinute = useDay(span.byMinute);
  const known = span.byMinute ? byMinute : samples.value;
  // Without a choice, the one that did the most.
  const busiest = [...known].sort(([, a], [, b]) => settledIn(b) - settledIn(a))[0]?.[0];
  // What runs in this page is among the samples only.
  const names = [...new Set([...executors.value.map(({ name }) => name), ...samples.value.keys()])];
  const name = names.find((each) => each === asked("executor")) ?? busiest ?? names[0];
  const list = (name === undefined ? undefined : known.get(name)) ?? [];
  return (
    <>
      <div class="charts-head">
        <h1>Charts</h1>
        <div class="segments" role="group" aria-label="Executor">
          {names.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === name}
              onClick={() => ask({ executor: each }, "replace")}
            >
              {each}
            </button>
          ))}
        </div>
        <div class="segments" role="group" aria-label="Span of time">
          {SPANS.map(({ name, title }) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === span.name}
              onClick={() => ask({ span: name }, "replace")}
            >
              {title}
            </button>
          ))}
        </div>
        <p class="quiet">
          {span.byMinute
            ? "Each point is the highest second of its minute."
            : "One point a second."}
        </p>
      </div>
      {list.some(isActive) ? (
        <Plots list={list} span={span.ms} />
      ) : (
        <div class="panel fills">
          <Empty title="Nothing to draw yet">
            Points come once a second while there are jobs.{" "}
            <a href={addressOf("live")}>Start a sample</a> and come back.
          </Empty>
        </div>
      )}
    </>
  );
}

/** The last day by minutes, of each executor; asked for while it is wanted. */
function useDay(isWanted: boolean): ReadonlyMap<string, readonly Sample[]> {
  useEffect(() => {
    if (!isWanted) return;
    const load = () =>
      attempt(async () => {
        day.value = Map.groupBy(await fetchDay(), ({ executor }) => executor);
      });
    void load();
    const timer = setInterval(load, DAY_EVERY_MS);
    return () => clearInterval(timer);
  }, [isWanted]);
  return day.value;
}

const day = signal<ReadonlyMap<string, readonly Sample[]>>(new Map());

function Plots({ list, span }: { list: readonly Sample[]; span: number }) {
  const of: FigureOf = (pick) => list.map(pick);
  return (
    <div class="charts fills">
      <SampleCharts charts={CHARTS} times={list.map(({ at }) => at)} span={span} of={of} />
    </div>
  );
}

const CHARTS: readonly SampleChart[] = [
  THROUGHPUT,
  QUEUE,
  {
    title: "Waiting time",
    about: "from submit to start",
    atLeast: 10,
    say: duration,
    lines: (of) => percentileLines(of, (s) => s.wait),
  },
  {
    title: "Running time",
    about: "from start to outcome",
    atLeast: 10,
    say: duration,
    lines: (of) => percentileLines(of, (s) => s.run),
  },
  {
    title: "Workers",
    about: "alive, and at work",
    atLeast: 2,
    say: count,
    isWhole: true,
    lines: (of) => [
      { name: "alive", colour: "quiet", values: of((s) => s.workers), dashed: true },
      { name: "busy", colour: "running", values: of((s) => s.busy), filled: true },
    ],
  },
  {
    title: "Submitted",
    about: "jobs taken in each second",
    atLeast: 5,
    say: count,
    isWhole: true,
    lines: (of) => [
      { name: "submitted", colour: "accent", values: of((s) => s.submitted), filled: true },
    ],
  },
];

/** The middle as a line, and from there up to what one in a hundred exceeds as a band. */
function percentileLines(of: FigureOf, which: (sample: Sample) => Percentiles | null): Line[] {
  return [
    { name: "p50", colour: "running", values: of((s) => which(s)?.p50 ?? null) },
    { name: "p95", colour: "running", values: of((s) => which(s)?.p95 ?? null), dashed: true },
    {
      name: "p99",
      colour: "running",
      values: of((s) => which(s)?.p99 ?? null),
      bandDownTo: "p50",
    },
  ];
}

function isActive({ submitted, running, queued, workers }: Sample): boolean {
  return submitted + running + queued + workers > 0;
}

function settledIn(list: readonly Sample[]): number {
  return list.reduce((sum, { finished, failed }) => sum + finished + failed, 0);
}
