// Charts of samples, a second each: what each is of an executor, or of all together.

import type { Sample } from "../../contract.ts";
import { count } from "../format.ts";
import { Chart, type ChartProps, type Line } from "./chart.tsx";

/** A figure of the samples, one for each time that is shown. */
export type FigureOf = (pick: (sample: Sample) => number | null) => (number | null)[];

/** What a chart is of samples. */
export interface SampleChart extends Omit<ChartProps, "times" | "lines" | "span"> {
  readonly lines: (of: FigureOf) => Line[];
}

export const THROUGHPUT: SampleChart = {
  title: "Throughput",
  about: "jobs settled in each second",
  atLeast: 5,
  say: count,
  isWhole: true,
  lines: (of) => [
    { name: "finished", colour: "finished", values: of((s) => s.finished), filled: true },
    { name: "failed", colour: "failed", values: of((s) => s.failed) },
    { name: "cancelled", colour: "cancelled", values: of((s) => s.cancelled), dashed: true },
  ],
};

export const QUEUE: SampleChart = {
  title: "Queue depth",
  about: "jobs that wait and that run",
  atLeast: 5,
  say: count,
  isWhole: true,
  lines: (of) => [
    { name: "queued", colour: "pending", values: of((s) => s.queued), filled: true },
    { name: "running", colour: "running", values: of((s) => s.running) },
  ],
};

export interface SampleChartsProps {
  readonly charts: readonly SampleChart[];
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly span: ChartProps["span"];
  readonly of: FigureOf;
}

export function SampleCharts({ charts, times, span, of }: SampleChartsProps) {
  return (
    <>
      {charts.map((chart) => (
        <Chart key={chart.title} {...chart} times={times} span={span} lines={chart.lines(of)} />
      ))}
    </>
  );
}
