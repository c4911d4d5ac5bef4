// Pair: two runs beside each other: what came of them, how long their jobs ran and how that spread, and their lanes on one scale of time.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { JobRow, RunView } from "../../contract.ts";
import { BASE } from "../base.ts";
import { count, counted, duration, rate, timeOfDay } from "../format.ts";
import { RowName } from "../lanes/labels.tsx";
import { paintLanes } from "../lanes/paint.ts";
import { readPalette } from "../lanes/palette.ts";
import { heightOf, type LaneRow, RULER, rowsOf } from "../lanes/rows.ts";
import { outcomeOf, Timeline } from "../lanes/timeline.ts";
import { executors } from "../live.ts";
import { isLocal, localRows } from "../local.ts";
import { complain } from "../notices.ts";
import { nameOf, tookOf } from "../run_words.ts";
import { isDark } from "../theme.ts";

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
  const [a, b] = [useJobs(runs[0]), useJobs(runs[1])];
  if (a === undefined || b === undefined) return null;
  const sides = [a, b];
  const longest = Math.max(1, ...sides.map(({ run, jobs }) => tookOf(run) ?? tookSoFar(run, jobs)));
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
      <div class="pair-lanes">
        {sides.map((side, i) => (
          <RunLanes key={`${i} ${side.run.id}`} side={side} span={longest} />
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

function tookSoFar({ submittedAt }: RunView, jobs: readonly JobRow[]): number {
  return jobs.reduce(
    (most, { startedAt, finishedAt }) =>
      Math.max(most, (finishedAt ?? startedAt ?? submittedAt) - submittedAt),
    0,
  );
}

/** All jobs of a run, once it is over: any run may be asked for, however long ago it was. */
function useJobs(run: RunView | undefined): Side | undefined {
  const jobs = useSignal<readonly JobRow[]>([]);
  const key = run && `${run.id} ${run.finishedAt}`;
  useEffect(() => {
    let stopped = false;
    jobs.value = [];
    if (run === undefined) return;
    jobsOf(run).then((found) => {
      if (!stopped) jobs.value = found;
    }, complain);
    return () => {
      stopped = true;
    };
  }, [key]);
  return run && { run, jobs: jobs.value, spread: spreadOf(jobs.value) };
}

async function jobsOf({ id, parts }: RunView): Promise<readonly JobRow[]> {
  if (parts.some(isLocal)) return localRows({ batch: id });
  const query = new URLSearchParams({ batch: id, format: "json" });
  const response = await fetch(new URL(`api/export?${query}`, BASE));
  if (!response.ok) throw new Error(`Cannot compare run: the server answers ${response.status}`);
  return (await response.json()) as JobRow[];
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

/** The lanes of a run, from its submission on; `span` milliseconds, as many as of the other. */
function RunLanes({ side: { run, jobs }, span }: { side: Side; span: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark();
  const [from, to] = [run.submittedAt, run.submittedAt + span * 1.02];
  const rows = rowsOf(timelineOf(run, jobs).lanes, executors.peek(), { from, to });
  const height = heightOf(rows);
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const context = element.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    const paint = () => {
      const ratio = devicePixelRatio;
      element.width = Math.round(element.clientWidth * ratio);
      element.height = Math.round(height * ratio);
      const palette = readPalette(context, ratio);
      const width = element.clientWidth;
      const none = { marked: undefined, pointed: undefined };
      paintLanes(context, { rows, from, to, now: to, width, height, ratio, palette, ...none });
    };
    const resized = new ResizeObserver(paint);
    resized.observe(element);
    return () => resized.disconnect();
  }, [jobs, span, dark, height]);
  const lanes = rows.filter((row): row is LaneRow => row.what === "lane");
  return (
    <div class="lanes-body" style={{ "--ruler": `${RULER}px` }}>
      <ol class="lane-names" aria-label={`Workers of ${nameOf(run)}`}>
        {rows.map((row) =>
          row.what === "lane" ? (
            <RowName key={row.lane.key} row={row} />
          ) : (
            <li key={row.executor} class="lane-heading" style={{ height: `${row.height}px` }}>
              <strong>{row.executor}</strong>
              <span class="quiet">{counted(lanes.length, "worker")}</span>
            </li>
          ),
        )}
      </ol>
      <div class="lanes-view">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Lanes of ${nameOf(run)}: ${counted(jobs.length, "job")} on ${counted(lanes.length, "worker")}`}
          style={{ height: `${height}px` }}
        />
      </div>
    </div>
  );
}

function timelineOf(run: RunView, jobs: readonly JobRow[]): Timeline {
  const timeline = new Timeline();
  for (const { id, number, kind, executor, worker, ...job } of jobs) {
    const { submittedAt, startedAt, finishedAt, state } = job;
    if (worker === null || startedAt === null) continue;
    const lane = `${executor}/${worker.id}`;
    const bornAt = run.submittedAt;
    const name = { key: lane, executor, worker: worker.name, workerId: worker.id };
    timeline.putLife({ ...name, bornAt, diedAt: null, why: null });
    const end = job.reason ?? state;
    const times = { submittedAt, startedAt, finishedAt, end, outcome: outcomeOf(end) };
    timeline.putBar({ key: id, jobId: id, number, kind, lane, jobs: 1, ...times });
  }
  return timeline;
}
