// The record in the text format of Prometheus.
//
// Written by hand, for the format is ten lines and does not change, and whoever mounts the dashboard would have to
// install a client library for it: https://prometheus.io/docs/instrumenting/exposition_formats/

import process from "node:process";
import type { ExecutorView } from "../contract.ts";
import type { Recorder } from "./recorder.ts";
import { BUCKETS, type Durations, type ExecutorSeries } from "./series.ts";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Record<string, string>;

/** Writes every metric. */
export function metricsOf(recorder: Recorder, executors: readonly ExecutorView[]): string {
  const text = new Text();
  const series = [...recorder.series];
  const totals = (value: (series: ExecutorSeries) => number): [Labels, number][] =>
    series.map(([executor, of]) => [{ executor }, value(of)]);
  const stats = (value: (view: ExecutorView) => number): [Labels, number][] =>
    executors.map((view) => [{ executor: view.name }, value(view)]);

  text.metric(
    "futures_tasks_submitted_total",
    "counter",
    "Tasks submitted since the server started.",
    totals((of) => of.totals.submitted),
  );
  text.metric(
    "futures_tasks_settled_total",
    "counter",
    "Tasks settled since the server started, by outcome.",
    series.flatMap(([executor, { totals }]) =>
      (["finished", "failed", "cancelled"] as const).map((outcome): [Labels, number] => [
        { executor, outcome },
        totals[outcome],
      ]),
    ),
  );
  text.metric(
    "futures_tasks_timed_out_total",
    "counter",
    "Failed tasks that ran longer than their timeout.",
    totals((of) => of.totals.timedOut),
  );
  text.metric(
    "futures_tasks_lost_total",
    "counter",
    "Failed tasks whose worker died.",
    totals((of) => of.totals.lost),
  );
  text.metric(
    "futures_tasks_queued",
    "gauge",
    "Tasks that have not begun.",
    stats((view) => view.stats.queued),
  );
  text.metric(
    "futures_tasks_running",
    "gauge",
    "Tasks that run.",
    stats((view) => view.stats.running),
  );
  text.metric(
    "futures_workers",
    "gauge",
    "Workers there are.",
    stats((view) => view.stats.workers),
  );
  text.metric(
    "futures_workers_busy",
    "gauge",
    "Workers that have a task.",
    stats((view) => view.stats.busy),
  );
  text.metric(
    "futures_workers_lost_total",
    "counter",
    "Workers that died while running a task.",
    stats((view) => view.stats.lost),
  );
  text.metric(
    "futures_workers_abandoned_total",
    "counter",
    "Workers that could not be stopped.",
    stats((view) => view.stats.abandoned),
  );
  text.histogram(
    "futures_task_wait_seconds",
    "From submission to start.",
    series.map(([name, of]) => [name, of.waits]),
  );
  text.histogram(
    "futures_task_run_seconds",
    "From start to outcome.",
    series.map(([name, of]) => [name, of.runs]),
  );
  const { states } = recorder.tally.view();
  text.metric(
    "playground_jobs",
    "gauge",
    "Jobs in the history, by state.",
    Object.entries(states).map(([state, jobs]) => [{ state }, jobs]),
  );
  const { kind, warning } = recorder.history.storage;
  text.metric(
    "playground_history_degraded",
    "gauge",
    "1 where history should be in a file and is not.",
    [[{ kind }, warning === null ? 0 : 1]],
  );
  text.metric("process_resident_memory_bytes", "gauge", "Memory of this process.", [
    [{}, process.memoryUsage().rss],
  ]);
  return text.toString();
}

class Text {
  readonly #lines: string[] = [];

  metric(name: string, type: string, help: string, values: readonly [Labels, number][]): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of values) this.#value(name, labels, value);
  }

  histogram(name: string, help: string, values: readonly [string, Durations][]): void {
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
