// Pair: two runs beside each other: what came of them, how long their jobs ran and how that spread, and their lanes on one scale of time.

import type { JobRow, RunView } from "../../contract.ts";
import { count, duration, rate, timeOfDay } from "../format.ts";
import { isLocal } from "../local.ts";
import { nameOf, tookOf } from "../run_words.ts";
import { lengthOf, RunLanes, useJobsOf } from "./run_lanes.tsx";

/** Milliseconds that the jobs of a run ran: in the middle, and from where to where the middle half of them lies. */
interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** What a run of ours is compared by. */
interface Side {
  readonly run: RunView;
  readonly jobs: readonly JobRow[];
  readonly spread: Spread | undefined;
}

export function Pair({ runs }: { runs: readonly RunView[] }) {
  const [a, b] = [useSide(runs[0]), useSide(runs[1])];
  if (a === undefined || b === undefined) return null;
  const sides = [a, b];
  const longest = Math.max(1, ...sides.map(({ run, jobs }) => tookOf(run) ?? lengthOf(jobs)));
  const rows: [string, (side: Side) => string][] = [
    ["Took", ({ run }) => told(tookOf(run))],
    [
      "Throughput",
      ({ run }) => (tookOf(run) === undefined ? "–" : rate(run.jobs, tookOf(run) ?? 0)),
    ],
    ["A job ran, median", ({ spread }) => told(spread?.median)],
    [
      "The middle half",
      ({ spread }) => (spread ? `${duration(spread.low)} to ${duration(spread.high)}` : "–"),
    ],
    ["Slowest job", ({ run }) => told(run.slowestMs ?? undefined)],
    ["Finished", ({ run }) => count(run.states.finished)],
    ["Failed", ({ run }) => count(run.states.failed)],
    ["Submitted at", ({ run }) => timeOfDay(run.submittedAt).slice(0, 8)],
  ];
  return (
    <section class="panel pair" aria-label="Two runs">
      <table aria-label="Two runs">
        <thead>
          <tr>
            <td />
            <th scope="col">{nameOf(a.run)}</th>
            <th scope="col">{nameOf(b.run)}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, tell]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{tell(a)}</td>
              <td>{tell(b)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">{verdictOf(a, b)}</p>
      <div class="lanes-beside">
        {sides.map(({ run, jobs }, i) => (
          <RunLanes key={`${i} ${run.id}`} name={nameOf(run)} jobs={jobs} span={longest} />
        ))}
      </div>
    </section>
  );
}

/** Which took less, and whether their jobs can be told apart. */
function verdictOf(a: Side, b: Side): string {
  const [first, second] = [tookOf(a.run), tookOf(b.run)];
  if (first === undefined || second === undefined) return "What goes on is not judged yet.";
  const times = (of: readonly number[]) =>
    (Math.max(...of) / Math.max(0.001, Math.min(...of))).toFixed(2);
  const whole = `The ${first < second ? "first" : "second"} was ${times([first, second])} times as fast.`;
  const { spread: one } = a;
  const { spread: other } = b;
  if (one === undefined || other === undefined) return whole;
  if (one.low <= other.high && other.low <= one.high) {
    return `${whole} Single jobs are not told apart: the middle halves of their times overlap.`;
  }
  const faster = one.median < other.median ? "first" : "second";
  return `${whole} A job of the ${faster} ran ${times([one.median, other.median])} times as fast, by the medians.`;
}

function told(ms: number | undefined): string {
  return ms === undefined ? "–" : duration(ms);
}

/** All jobs of a run, once it is over. */
function useSide(run: RunView | undefined): Side | undefined {
  const isHere = run?.parts.some(isLocal) ?? false;
  const jobs = useJobsOf(run?.id, { key: run?.finishedAt, isHere }) ?? [];
  return run && { run, jobs, spread: spreadOf(jobs) };
}

function spreadOf(jobs: readonly JobRow[]): Spread | undefined {
  const ran = jobs.flatMap(({ startedAt, finishedAt }) =>
    startedAt === null || finishedAt === null ? [] : finishedAt - startedAt,
  );
  if (ran.length === 0) return undefined;
  const sorted = Float64Array.from(ran).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
