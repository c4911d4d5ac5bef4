// Live: where a reader arrives. What this is, samples that start at one click, and the lanes in which they run.

import type { Sample } from "../../contract.ts";
import { submit } from "../api.ts";
import { kinds } from "../catalogue.ts";
import { connection } from "../connection.ts";
import { count, counted, duration } from "../format.ts";
import { Lanes } from "../lanes/lanes.tsx";
import { can, counts, executors, samples } from "../live.ts";
import { attempt, say } from "../notices.ts";
import { Icon } from "../parts/icon.tsx";
import { QueueChart, ThroughputChart } from "../parts/sample_charts.tsx";
import { addressOf, ask, asked } from "../route.ts";
import { sampleLoads } from "../samples.ts";

/** Seconds of the small charts. */
const PULSE = 120;

export function Live() {
  return (
    <>
      <Intro />
      <Figures />
      <Lanes />
      <Pulse />
    </>
  );
}

function Intro() {
  const chosen =
    executors.value.find(({ name }) => name === asked("executor")) ?? executors.value[0];
  if (!can("submit") || chosen === undefined || kinds.value.length === 0) {
    return <h1 class="unseen">Live</h1>;
  }
  return (
    <section class="intro">
      <div class="intro-words">
        <h1>Submit jobs to an executor, and watch its workers run them.</h1>
        <p class="quiet">
          Each worker is a lane below, each job a bar. Start a sample, or{" "}
          <a href={addressOf("submit")}>submit a job of your own</a>.
        </p>
        {executors.value.length > 1 && (
          <div class="segments" role="group" aria-label="Executor of the samples">
            {executors.value.map(({ name }) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === chosen.name}
                onClick={() => ask({ executor: name }, "replace")}
              >
                {name}
              </button>
            ))}
          </div>
        )}
      </div>
      <ul class="loads" aria-label="Samples">
        {sampleLoads(chosen).map(({ load, body }) => (
          <li key={load.name}>
            <button
              type="button"
              class="load"
              onClick={() =>
                attempt(async () => {
                  const { count: total } = await submit(body);
                  say(`Submitted ${counted(total, "job")} to ${chosen.name}`);
                })
              }
            >
              <span class="load-title">
                <Icon name="play" />
                {load.title}
              </span>
              <span class="load-about">{load.about}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The two charts that say most, of all executors together. */
function Pulse() {
  const { times, sum } = summed(samples.value);
  if (times.length === 0) return null;
  return (
    <div class="charts">
      <ThroughputChart times={times} of={sum} />
      <QueueChart times={times} of={sum} />
    </div>
  );
}

/** Adds up the samples of all executors, second by second, the last two minutes. */
function summed(all: ReadonlyMap<string, readonly Sample[]>) {
  const seconds = new Map<number, Sample[]>();
  for (const list of all.values()) {
    for (const sample of list.slice(-PULSE)) {
      const second = Math.round(sample.at / 1000) * 1000;
      seconds.set(second, [...(seconds.get(second) ?? []), sample]);
    }
  }
  const times = [...seconds.keys()].sort((a, b) => a - b).slice(-PULSE);
  const sum = (pick: (sample: Sample) => number) =>
    times.map((at) => (seconds.get(at) ?? []).reduce((total, sample) => total + pick(sample), 0));
  return { times, sum };
}

/** The few figures that say how it goes now. */
function Figures() {
  const states = counts.value?.states;
  const all = executors.value;
  const workers = all.reduce((sum, { stats }) => sum + stats.workers, 0);
  const busy = all.reduce((sum, { stats }) => sum + stats.busy, 0);
  const lost = all.reduce((sum, { stats }) => sum + stats.lost, 0);
  const latest = [...samples.value.values()].flatMap((list) => list.at(-1) ?? []);
  const settled = latest.reduce((sum, s) => sum + s.finished + s.failed + s.cancelled, 0);
  const waits = latest.flatMap(({ wait }) => wait?.p95 ?? []);
  // Of what goes on now nothing is known while the server is not heard.
  const now = (figure: string) => (connection.value === "lost" ? "–" : figure);
  const wait = waits.length > 0 ? duration(Math.max(...waits)) : "–";
  const figures: [string, string, string][] = [
    ["Workers busy", now(`${count(busy)} / ${count(workers)}`), "of those that live"],
    ["Queue", now(count(states?.pending ?? 0)), "jobs that wait"],
    ["Throughput", now(`${count(settled)} /s`), "in the last second"],
    ["Wait, p95", now(wait), "from submit to start"],
    ["Failed", count(states?.failed ?? 0), `of ${count(counts.value?.total ?? 0)} jobs`],
    ["Workers lost", count(lost), "and replaced"],
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
