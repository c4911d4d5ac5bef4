// ComparisonResult: what a comparison says: who was faster, by how much, whether that is more than chance, and how the jobs lay.

import type { Comparison, Percentiles } from "../../../../modules/dashboard/contract.ts";
import { kindTitle } from "../../../../modules/dashboard/page/catalogue.ts";
import { count, counted, duration } from "../../../../modules/dashboard/page/format.ts";
import { Lanes } from "../../../../modules/dashboard/page/lanes/lanes.tsx";
import { executorOf, executors } from "../../../../modules/dashboard/page/live.ts";
import { RunLanes, useJobsOf } from "../../../../modules/dashboard/page/parts/run_lanes.tsx";
import { addressOf } from "../../../../modules/dashboard/page/route.ts";
import type { KindDescription } from "../../contract.ts";
import { type Side, speedUpsOf, spreadOf, verdictOf } from "./compared.ts";

export function ComparisonResult({
  comparison: compared,
  asked: form,
}: {
  comparison: Comparison;
  asked: KindDescription | undefined;
}) {
  const { kind, count: jobs, repeats, state, error, sides } = compared;
  const slowest = Math.max(
    ...sides.flatMap(({ points }) => points.flatMap(({ times }) => times)),
    0,
  );
  const verdict = verdictOf(compared);
  return (
    <>
      <header class="compare-head">
        <h2>
          {count(jobs)} × {kindTitle(kind)}
        </h2>
        <span
          class="state"
          data-state={{ running: "running", done: "finished", failed: "failed" }[state]}
        >
          {state}
        </span>
        <span class="quiet">
          {`${counted(repeats, "run")} of each, by turns`}
          {form !== undefined && form.name !== kind && `; ${form.title} is not compared yet`}
        </span>
      </header>
      {error && <p class="banner">{error}</p>}
      <p class="verdict">{verdict ?? "Which one is faster is told when both are through."}</p>
      <div class="sides">
        {sides.map((side, i) => (
          <article key={side.executor} class="side" style={{ "--side": SIDE_COLOURS[i] ?? "" }}>
            <h3>
              {side.executor}
              <span class="quiet"> {slots(side, side.workers)}</span>
            </h3>
            <p class="side-now" role="status">
              {
                {
                  waiting: "Waits for its turn",
                  running: `${slots(side, side.workersNow)}: ${count(side.done)} of ${count(jobs)}`,
                  done: "Done",
                }[side.state]
              }
            </p>
            {side.points.map(({ workers, times }) => (
              <Wall key={workers} name={nameOf(side, workers)} times={times} of={slowest} />
            ))}
            <dl class="facts">
              <div>
                <dt>{isLoop(side) ? "Speed-up over one at a time" : "Speed-up over one worker"}</dt>
                <dd class="speed-up">
                  {side.speedUp === null ? "–" : `${side.speedUp.toFixed(2)} ×`}
                </dd>
              </div>
              <div>
                <dt>Failed</dt>
                <dd>{count(side.failed)}</dd>
              </div>
            </dl>
            {isOwn(side) && (
              <>
                <Times name="Waited" times={side.wait} />
                <Times name="Ran" times={side.run} />
              </>
            )}
            {side.batch && <a href={addressOf("jobs", { batch: side.batch })}>Its jobs</a>}
          </article>
        ))}
      </div>
      <SpeedUps sides={sides} />
      <SideLanes comparison={compared} />
    </>
  );
}

/** What runs as it runs; and when all is over, the last run of each with all its workers, on one scale of time. */
function SideLanes({ comparison: { state, sides } }: { comparison: Comparison }) {
  const own = sides.filter(isOwn);
  if (state === "running") {
    return (
      <div class="sides">
        {own.map(({ executor }) => (
          <Lanes key={executor} executor={executor} fits={1} />
        ))}
      </div>
    );
  }
  const span = Math.max(1, ...own.map(({ points }) => points.at(-1)?.times.at(-1) ?? 0));
  return (
    <figure class="side-lanes">
      <figcaption>
        <strong>The last run with all workers</strong>
        <span class="quiet"> on one scale of time</span>
      </figcaption>
      <div class="lanes-beside">
        {own.map((side) => (
          <PastLanes key={`${side.executor} ${side.batch}`} side={side} span={span} />
        ))}
      </div>
    </figure>
  );
}

function PastLanes({ side: { executor, batch }, span }: { side: Side; span: number }) {
  const jobs = useJobsOf(batch ?? undefined, { key: undefined, isHere: false });
  if (jobs === undefined)
    return <p class="quiet">{batch === null ? "It did not run." : "Loading"}</p>;
  if (jobs.length === 0) return <p class="quiet">{`Jobs of ${executor} are not kept any more.`}</p>;
  return <RunLanes name={executor} jobs={jobs} span={span} />;
}

/** An executor of this server, whose jobs are known one by one; not an opponent. */
function isOwn({ executor }: Side): boolean {
  return executors.value.some(({ name }) => name === executor);
}

/** Tasks of an event loop take turns: it has no workers that run beside each other. */
function isLoop({ executor }: Side): boolean {
  return executorOf(executor)?.sharesEventLoop ?? false;
}

/** So many of what a side has. */
function slots(side: Side, number: number): string {
  if (!isLoop(side)) return counted(number, "worker");
  return number === 1 ? "one task at a time" : `${count(number)} tasks by turns`;
}

function nameOf(side: Side, number: number): string {
  if (number === 1) return isLoop(side) ? "One at a time" : "One worker";
  if (number !== side.workers)
    return isLoop(side) ? `${count(number)} by turns` : counted(number, "worker");
  return isLoop(side) ? "All by turns" : "All workers";
}

/** The colours of the sides, in their order. */
const SIDE_COLOURS = ["var(--accent)", "var(--cancelled)"];

/** The runs on so many workers: each a tick, from the fastest to the slowest, and the middle one in figures. */
function Wall({ name, times, of }: { name: string; times: readonly number[]; of: number }) {
  const spread = spreadOf(times);
  const at = (ms: number) => `${of > 0 ? (ms / of) * 100 : 0}%`;
  return (
    <div class="wall">
      <span>{name}</span>
      <span class="wall-track">
        {spread && (
          <>
            <span class="wall-bar" style={{ width: at(spread.median) }} />
            <span
              class="wall-spread"
              style={{ left: at(spread.min), width: at(spread.max - spread.min) }}
            />
          </>
        )}
      </span>
      <span class="time">{spread === undefined ? "–" : duration(spread.median)}</span>
      <span class="wall-range hint">
        {spread && times.length > 1 && `${duration(spread.min)} to ${duration(spread.max)}`}
      </span>
    </div>
  );
}

/** How much faster more workers are, beside how much that could be at best. */
function SpeedUps({ sides }: { sides: readonly Side[] }) {
  const curves = sides.map(speedUpsOf);
  const most = Math.max(2, ...sides.map(({ workers }) => workers));
  // A whole number, for it stands beside the line that it names.
  const highest = Math.ceil(Math.max(most, ...curves.flat().map(({ times }) => times)));
  // In a drawing of 100 by 50, which is stretched; so its lines keep their width.
  const x = (workers: number) => ((workers - 1) / (most - 1)) * 100;
  const y = (times: number) => 50 - (times / highest) * 50;
  const path = (points: readonly { workers: number; times: number }[]) =>
    points.map(({ workers, times }) => `${x(workers)},${y(times)}`).join(" ");
  if (!curves.some((curve) => curve.length > 1)) return null;
  const words = sides.map(
    ({ executor }, i) =>
      `${executor}: ${curves[i]?.map(({ workers, times }) => `${times.toFixed(2)} times on ${workers}`).join(", ")}`,
  );
  return (
    <figure class="speed-ups">
      <figcaption>
        <strong>Speed-up by how many run at once</strong>
        <span class="quiet"> dashed: as many times as fast</span>
      </figcaption>
      <div class="speed-ups-plot" role="img" aria-label={words.join("; ")}>
        <span class="speed-ups-top">{`${highest} ×`}</span>
        <svg viewBox="0 0 100 50" preserveAspectRatio="none" aria-hidden="true">
          <polyline class="ideal" points={`${x(1)},${y(1)} ${x(most)},${y(most)}`} />
          {curves.map((curve, i) => (
            <polyline
              key={sides[i]?.executor}
              points={path(curve)}
              style={{ stroke: SIDE_COLOURS[i] ?? "" }}
            />
          ))}
        </svg>
        <span class="speed-ups-ends">
          <span>1 at once</span>
          <span>{`${count(most)} at once`}</span>
        </span>
      </div>
    </figure>
  );
}

function Times({ name, times }: { name: string; times: Percentiles | null }) {
  return (
    <dl class="percentiles" aria-label={name}>
      <dt>{name}</dt>
      {(["p50", "p95", "p99"] as const).map((p) => (
        <dd key={p}>
          <span class="quiet">{p}</span> {times === null ? "–" : duration(times[p])}
        </dd>
      ))}
    </dl>
  );
}
