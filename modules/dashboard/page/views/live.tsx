// Live: where a reader arrives. How it goes now, and the lanes in which jobs run.

import type { Sample } from "../../contract.ts";
import { additions } from "../additions.ts";
import { connection } from "../connection.ts";
import { count, duration } from "../format.ts";
import { Lanes } from "../lanes/lanes.tsx";
import { counts, executors, samples } from "../live.ts";
import { type FigureOf, QUEUE, SampleCharts, THROUGHPUT } from "../parts/sample_charts.tsx";
import { heldSpan, type TimeSpan } from "../shared_time.ts";

/** Seconds of the small charts. */
const PULSE = 120;

/** Of a shorter span a chart would have no two points. */
const LEAST_SECONDS = 10;

export function Live() {
  const { intro: Intro = Heading } = additions();
  return (
    <>
      <Intro />
      <Figures />
      <Lanes />
      <Pulse />
    </>
  );
}

function Heading() {
  return <h1 class="unseen">Live</h1>;
}

/** The two charts that say most. */
const PULSE_CHARTS = [THROUGHPUT, QUEUE];

/** What goes on, of all executors together. */
function Pulse() {
  const { times, sum } = summed(samples.value);
  if (times.length === 0) return null;
  return (
    <div class="charts">
      <SampleCharts charts={PULSE_CHARTS} times={times} span={spanShown()} of={sum} />
    </div>
  );
}

/** What the lanes stand still at, as far as seconds can show it; while they follow, the last two minutes. */
function spanShown(): number | TimeSpan {
  const held = heldSpan.value;
  if (held === undefined) return PULSE * 1000;
  const room = Math.max(0, LEAST_SECONDS * 1000 - (held.to - held.from)) / 2;
  return { from: held.from - room, to: held.to + room };
}

/** Adds up the samples of all executors, second by second: the last two minutes, or all where the lanes stand still. */
function summed(all: ReadonlyMap<string, readonly Sample[]>) {
  const seconds = new Map<number, Sample[]>();
  for (const list of all.values()) {
    for (const sample of heldSpan.value === undefined ? list.slice(-PULSE) : list) {
      const second = Math.round(sample.at / 1000) * 1000;
      seconds.set(second, [...(seconds.get(second) ?? []), sample]);
    }
  }
  const times = [...seconds.keys()].sort((a, b) => a - b);
  const sum: FigureOf = (pick) =>
    times.map((at) =>
      (seconds.get(at) ?? []).reduce((all, sample) => all + (pick(sample) ?? 0), 0),
    );
  return { times, sum };
}

/** The few figures that say how it goes now. */
function Figures() {
  const known = counts.value !== undefined;
  const states = counts.value?.states;
  const all = executors.value;
  const workers = all.reduce((sum, { stats }) => sum + stats.workers, 0);
  const busy = all.reduce((sum, { stats }) => sum + stats.busy, 0);
  const lost = all.reduce((sum, { stats }) => sum + stats.lost, 0);
  const latest = [...samples.value.values()].flatMap((list) => list.at(-1) ?? []);
  const settled = latest.reduce((sum, s) => sum + s.finished + s.failed + s.cancelled, 0);
  const waits = latest.flatMap(({ wait }) => wait?.p95 ?? []);
  // Nothing is known before the server has spoken, and of what goes on now nothing while it is not heard.
  const ever = (figure: string) => (known ? figure : "–");
  const now = (figure: string) => (connection.value === "lost" ? "–" : ever(figure));
  const wait = waits.length > 0 ? duration(Math.max(...waits)) : "–";
  const figures: [string, string, string][] = [
    ["Workers busy", now(`${count(busy)} / ${count(workers)}`), "of those that live"],
    ["Queue", now(count(states?.pending ?? 0)), "jobs that wait"],
    ["Throughput", now(`${count(settled)} /s`), "in the last second"],
    ["Wait, p95", now(wait), "from submit to start"],
    ["Failed", ever(count(states?.failed ?? 0)), `of ${count(counts.value?.total ?? 0)} jobs`],
    ["Workers lost", ever(count(lost)), "and replaced"],
  ];
  return (
    <dl class="figures panel" aria-label="Now">
      {figures.map(([name, value, about]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd class="figure-about">{about}</dd>
        </div>
      ))}
    </dl>
  );
}
