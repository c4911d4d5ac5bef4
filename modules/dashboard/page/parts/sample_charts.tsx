// The two charts that say most of an executor, or of all together: what is settled, and what waits.

import type { Sample } from "../../contract.ts";
import { count } from "../format.ts";
import { Chart } from "./chart.tsx";

export interface SampleChartProps {
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  /** A figure of the samples at those times. */
  of(pick: (sample: Sample) => number): number[];
}

export function ThroughputChart({ times, of }: SampleChartProps) {
  return (
    <Chart
      title="Throughput"
      about="jobs settled in each second"
      times={times}
      atLeast={5}
      say={count}
      lines={[
        { name: "finished", colour: "finished", values: of((s) => s.finished), filled: true },
        { name: "failed", colour: "failed", values: of((s) => s.failed) },
        { name: "cancelled", colour: "cancelled", values: of((s) => s.cancelled), dashed: true },
      ]}
    />
  );
}

export function QueueChart({ times, of }: SampleChartProps) {
  return (
    <Chart
      title="Queue depth"
      about="jobs that wait and that run"
      times={times}
      atLeast={5}
      say={count}
      lines={[
        { name: "queued", colour: "pending", values: of((s) => s.queued), filled: true },
        { name: "running", colour: "running", values: of((s) => s.running) },
      ]}
    />
  );
}
