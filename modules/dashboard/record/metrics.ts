// The record in the text format of Prometheus.
//
// Written by hand, for the format is ten lines and does not change, and whoever mounts the dashboard would have to
// install a client library for it: https://prometheus.io/docs/instrumenting/exposition_formats/

import process from "node:process";
import type { ExecutorView, QueueView } from "../contract.ts";
import type { Recorder } from "./recorder.ts";
import { BUCKETS, type Durations, type ExecutorSeries } from "./series.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Record<string, string>;

type Labelled = readonly [Labels, number];

/** What a metric is: its type, what it says, and how it is read. */
type Metric<Of> = readonly [type: "counter" | "gauge", help: string, read: (of: Of) => number];

/** Counted since the server started, by executor. */
const COUNTED: Record<string, Metric<ExecutorSeries>> = {
  tasks_submitted_total: ["counter", "Tasks submitted.", ({ totals }) => totals.submitted],
  tasks_timed_out_total: [
    "counter",
    "Tasks beyond their timeout.",
    ({ totals }) => totals.timedOut,
  ],
  tasks_lost_total: ["counter", "Tasks whose worker died.", ({ totals }) => totals.lost],
};

/** As it is now, by executor. */
const NOW: Record<string, Metric<ExecutorView["stats"]>> = {
  tasks_queued: ["gauge", "Tasks that have not begun.", ({ queued }) => queued],
  tasks_running: ["gauge", "Tasks that run.", ({ running }) => running],
  workers: ["gauge", "Workers there are.", ({ workers }) => workers],
  workers_busy: ["gauge", "Workers that have a task.", ({ busy }) => busy],
  workers_lost_total: ["counter", "Workers that died while running a task.", ({ lost }) => lost],
  workers_abandoned_total: ["counter", "Workers not to be stopped.", ({ abandoned }) => abandoned],
};

/** As it was last seen, by executor over a queue: jobs of all programs. */
const QUEUES: Record<string, Metric<QueueView>> = {
  queue_waiting: ["gauge", "Jobs that wait for an agent.", ({ waiting }) => waiting],
  queue_delayed: ["gauge", "Jobs whose time has not come.", ({ delayed }) => delayed],
  queue_running: ["gauge", "Jobs that agents have.", ({ running }) => running],
  queue_agents: ["gauge", "Agents that serve the queue.", ({ agents }) => agents],
  queue_stalls_total: ["counter", "Jobs found without their agent.", ({ stalls }) => stalls],
};

const QUANTILES = { p50: "0.5", p95: "0.95", p99: "0.99" } as const;

const OUTCOMES = ["finished", "failed", "cancelled"] as const;

/** Writes every metric. */
export function metricsOf(recorder: Recorder, executors: readonly ExecutorView[]): string {
  const text = new Text();
  const series = [...recorder.series];
  for (const [name, [type, help, read]] of Object.entries(COUNTED)) {
    const values = series.map(([executor, of]): Labelled => [{ executor }, read(of)]);
    text.metric(`futures_${name}`, [type, help], values);
  }
  const settled = series.flatMap(([executor, { totals }]) =>
    OUTCOMES.map((outcome): Labelled => [{ executor, outcome }, totals[outcome]]),
  );
  text.metric("futures_tasks_settled_total", ["counter", "Tasks settled, by outcome."], settled);
  for (const [name, [type, help, read]] of Object.entries(NOW)) {
    const values = executors.map(({ name, stats }): Labelled => [{ executor: name }, read(stats)]);
    text.metric(`futures_${name}`, [type, help], values);
  }
  const queues = executors.flatMap(({ name, stats: { queue } }) =>
    queue === undefined ? [] : [[name, queue] as const],
  );
  if (queues.length > 0) queueMetrics(text, queues);
  const waits = series.map(([name, of]) => [name, of.waits] as const);
  text.histogram("futures_task_wait_seconds", "From submission to start.", waits);
  const runs = series.map(([name, of]) => [name, of.runs] as const);
  text.histogram("futures_task_run_seconds", "From start to outcome.", runs);
  const states = Object.entries(recorder.tally.view().states);
  const jobs = states.map(([state, jobs]): Labelled => [{ state }, jobs]);
  text.metric("playground_jobs", ["gauge", "Jobs that are known, by state."], jobs);
  const degraded = recorder.history.storage.warning === null ? 0 : 1;
  const why = "1 where history should be in a file and is not.";
  text.metric("playground_history_degraded", ["gauge", why], [[{}, degraded]]);
  const memory = process.memoryUsage().rss;
  text.metric("process_resident_memory_bytes", ["gauge", "Memory in use."], [[{}, memory]]);
  return text.toString();
}

function queueMetrics(text: Text, queues: readonly (readonly [string, QueueView])[]): void {
  for (const [name, [type, help, read]] of Object.entries(QUEUES)) {
    const values = queues.map(([executor, queue]): Labelled => [{ executor }, read(queue)]);
    text.metric(`futures_${name}`, [type, help], values);
  }
  // No histogram: of the executor's own only these three figures are told.
  const waited = queues.flatMap(([executor, { waited }]) =>
    Object.entries(QUANTILES).flatMap(([name, quantile]): Labelled[] =>
      waited === undefined
        ? []
        : [[{ executor, quantile }, waited[name as keyof typeof QUANTILES] / 1000]],
    ),
  );
  const help = "How long this program's jobs have waited for an agent.";
  text.metric("futures_queue_waited_seconds", ["gauge", help], waited);
}

class Text {
  readonly #lines: string[] = [];

  metric(name: string, [type, help]: readonly [string, string], values: readonly Labelled[]): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of values) this.#value(name, labels, value);
  }

  histogram(name: string, help: string, values: readonly (readonly [string, Durations])[]): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`);
    for (const [executor, { buckets, count, sum }] of values) {
      let below = 0;
      for (const [i, end] of BUCKETS.entries()) {
        below += buckets[i] as number;
        this.#value(`${name}_bucket`, { executor, le: String(end) }, below);
      }
      this.#value(`${name}_bucket`, { executor, le: "+Inf" }, count);
      this.#value(`${name}_sum`, { executor }, sum);
      this.#value(`${name}_count`, { executor }, count);
    }
  }

  toString(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #value(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.#lines.push(`${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`);
  }
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => (found === "\n" ? "\\n" : `\\${found}`));
}
