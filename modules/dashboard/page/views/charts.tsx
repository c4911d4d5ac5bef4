// Charts: how an executor did in the last ten minutes: throughput, queue, waiting and running times, workers.

import type { Percentiles, Sample } from "../../contract.ts";
import { count, duration } from "../format.ts";
import { executors, samples } from "../live.ts";
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

/** Quiet seconds before the first activity that are shown. */
const LEAD = 5;

export function Charts() {
  const known = samples.value;
  // Without a choice, the one that did the most.
  const busiest = [...known].sort(([, a], [, b]) => settledIn(b) - settledIn(a))[0]?.[0];
  const chosen = executors.value.find((executor) => executor.name === asked("executor"));
  const name = chosen?.name ?? busiest ?? executors.value[0]?.name;
  const list = sinceActive((name === undefined ? undefined : known.get(name)) ?? []);
  return (
    <>
      <div class="charts-head">
        <h1>Charts</h1>
        <div class="segments" role="group" aria-label="Executor">
          {executors.value.map((executor) => (
            <button
              key={executor.name}
              type="button"
              aria-pressed={executor.name === name}
              onClick={() => ask({ executor: executor.name }, "replace")}
            >
              {executor.name}
            </button>
          ))}
        </div>
        <p class="quiet">One point a second, the last ten minutes.</p>
      </div>
      {list.length === 0 ? (
        <div class="panel">
          <Empty title="Nothing to draw yet">
            Points come once a second while there are jobs.{" "}
            <a href={addressOf("live")}>Start a sample</a> and come back.
          </Empty>
        </div>
      ) : (
        <Plots list={list} />
      )}
    </>
  );
}

function Plots({ list }: { list: readonly Sample[] }) {
  const of: FigureOf = (pick) => list.map(pick);
  return (
    <div class="charts">
      <SampleCharts charts={CHARTS} times={list.map(({ at }) => at)} of={of} />
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
    lines: (of) => [
      { name: "submitted", colour: "accent", values: of((s) => s.submitted), filled: true },
    ],
  },
];

function percentileLines(of: FigureOf, which: (sample: Sample) => Percentiles | null): Line[] {
  return [
    { name: "p50", colour: "finished", values: of((s) => which(s)?.p50 ?? null) },
    { name: "p95", colour: "running", values: of((s) => which(s)?.p95 ?? null) },
    { name: "p99", colour: "cancelled", values: of((s) => which(s)?.p99 ?? null), dashed: true },
  ];
}

/** Leaves out the seconds before anything happened, of which a server that just started has many. */
function sinceActive(list: readonly Sample[]): readonly Sample[] {
  const first = list.findIndex(
    ({ submitted, running, queued, workers }) => submitted + running + queued + workers > 0,
  );
  return first < 0 ? [] : list.slice(Math.max(0, first - LEAD));
}

function settledIn(list: readonly Sample[]): number {
  return list.reduce((sum, { finished, failed }) => sum + finished + failed, 0);
}
