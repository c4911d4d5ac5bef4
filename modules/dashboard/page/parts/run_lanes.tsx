// RunLanes: the lanes of one run as it was, from its submission on; what runs beside it, or ran later, is not there.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { JobRow } from "../../contract.ts";
import { BASE } from "../base.ts";
import { counted } from "../format.ts";
import { RowName } from "../lanes/labels.tsx";
import { paintLanes } from "../lanes/paint.ts";
import { readPalette } from "../lanes/palette.ts";
import { heightOf, laneRows, RULER, rowsOf } from "../lanes/rows.ts";
import { outcomeOf, Timeline } from "../lanes/timeline.ts";
import { executors } from "../live.ts";
import { localRows } from "../local.ts";
import { complain } from "../notices.ts";
import { isDark } from "../theme.ts";

export interface RunLanesProps {
  /** How the run is called. */
  readonly name: string;
  readonly jobs: readonly JobRow[];
  /** So many milliseconds, as many as of what it is held against. */
  readonly span: number;
}

export function RunLanes({ name, jobs, span }: RunLanesProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark();
  const begin = beginOf(jobs);
  const [from, to] = [begin, begin + span * 1.02];
  const rows = rowsOf(timelineOf(jobs).lanes, executors.peek(), { from, to });
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
  const lanes = laneRows(rows);
  const workers = lanes.some(({ isTurn }) => isTurn)
    ? "one event loop"
    : counted(lanes.length, "worker");
  return (
    <div class="lanes-body" style={{ "--ruler": `${RULER}px` }}>
      <ol class="lane-names" aria-label={`Workers of ${name}`}>
        {rows.map((row) =>
          row.what === "lane" ? (
            <RowName key={row.lane.key} row={row} />
          ) : (
            <li key={row.executor} class="lane-heading" style={{ height: `${row.height}px` }}>
              <strong>{row.executor}</strong>
              <span class="quiet">{workers}</span>
            </li>
          ),
        )}
      </ol>
      <div class="lanes-view">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Lanes of ${name}: ${counted(jobs.length, "job")} on ${workers}`}
          style={{ height: `${height}px` }}
        />
      </div>
    </div>
  );
}

/** All jobs of a run, however long ago it was; asked for anew with each `key`, and undefined until they are there. */
export function useJobsOf(
  batch: string | undefined,
  { key, isHere }: { key: unknown; isHere: boolean },
): readonly JobRow[] | undefined {
  const jobs = useSignal<readonly JobRow[] | undefined>(undefined);
  useEffect(() => {
    let stopped = false;
    jobs.value = undefined;
    if (batch === undefined) return;
    jobsOf(batch, isHere).then((found) => {
      if (!stopped) jobs.value = found;
    }, complain);
    return () => {
      stopped = true;
    };
  }, [batch, key, isHere]);
  return jobs.value;
}

/** Milliseconds from the submission of a run to the end of its last job, or as far as it is. */
export function lengthOf(jobs: readonly JobRow[]): number {
  const begin = beginOf(jobs);
  return jobs.reduce(
    (most, { startedAt, finishedAt }) => Math.max(most, (finishedAt ?? startedAt ?? begin) - begin),
    0,
  );
}

async function jobsOf(batch: string, isHere: boolean): Promise<readonly JobRow[]> {
  if (isHere) return localRows({ batch });
  const query = new URLSearchParams({ batch, format: "json" });
  const response = await fetch(new URL(`api/export?${query}`, BASE));
  if (!response.ok) throw new Error(`Cannot compare run: the server answers ${response.status}`);
  return (await response.json()) as JobRow[];
}

function beginOf(jobs: readonly JobRow[]): number {
  return jobs.reduce(
    (first, { submittedAt }) => Math.min(first, submittedAt),
    jobs[0]?.submittedAt ?? 0,
  );
}

function timelineOf(jobs: readonly JobRow[]): Timeline {
  const timeline = new Timeline();
  const bornAt = beginOf(jobs);
  for (const { id, number, kind, executor, worker, ...job } of jobs) {
    const { submittedAt, startedAt, finishedAt, state } = job;
    if (worker === null || startedAt === null) continue;
    const lane = `${executor}/${worker.id}`;
    const name = { key: lane, executor, worker: worker.name, workerId: worker.id };
    timeline.putLife({ ...name, bornAt, diedAt: null, why: null });
    const end = job.reason ?? state;
    const times = { submittedAt, startedAt, finishedAt, end, outcome: outcomeOf(end) };
    timeline.putBar({ key: id, jobId: id, number, kind, lane, jobs: 1, ...times });
  }
  return timeline;
}
