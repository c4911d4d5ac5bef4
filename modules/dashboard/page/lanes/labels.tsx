// The labels of the lanes: the workers' names, what the colours mean, and all about one bar.

import { Fragment } from "preact";
import type { ExecutorView } from "../../contract.ts";
import { kindTitle } from "../catalogue.ts";
import { clock } from "../clock.ts";
import { connection, shownAt } from "../connection.ts";
import { count, counted, duration, timeOfDay } from "../format.ts";
import { kindColour } from "../kind_colour.ts";
import { executorOf, timeline } from "../live.ts";
import { isLocal } from "../local.ts";
import { spansOf } from "./marks.ts";
import type { Row } from "./rows.ts";
import type { Bar, Lane } from "./timeline.ts";

/** Marks of one bar that are told beside it: its job's panel tells all. */
const MARKS_TOLD = 6;

/** A bar that is pointed at, and where: in CSS pixels of the canvas. */
export interface Hover {
  readonly bar: Bar;
  readonly x: number;
  readonly y: number;
}

/** What stands beside a row. */
export function RowName({ row }: { row: Row }) {
  const style = { height: `${row.height}px` };
  if (row.what === "heading")
    return <Heading executor={row.executor} isIdle={row.isIdle} style={style} />;
  const { lane, isTurn } = row;
  return (
    <li
      data-state={lane.diedAt === null ? "live" : "ended"}
      data-turn={isTurn}
      style={style}
      title={lane.why ?? undefined}
    >
      <span class={isTurn ? "unseen" : "lane-worker"}>{lane.worker}</span>
      {lane.diedAt !== null && !isTurn && <span class="lane-why">{lane.why}</span>}
    </li>
  );
}

/** An executor: how many it has of what. It is drawn with each update; the names below it are not. */
function Heading({
  executor: name,
  isIdle,
  style,
}: {
  executor: string;
  isIdle: boolean;
  style: { height: string };
}) {
  const executor = executorOf(name);
  return (
    <li class="lane-heading" data-idle={isIdle} style={style}>
      <strong>{name}</strong>
      {executor && <span class="quiet">{aboutOf(executor, isIdle)}</span>}
      {isLocal({ executor: name }) && <span class="quiet">this page{isIdle && ", idle"}</span>}
    </li>
  );
}

function aboutOf({ stats, sharesEventLoop }: ExecutorView, isIdle: boolean): string {
  if (connection.value === "lost") return "";
  const waiting = stats.queued > 0 ? `, ${count(stats.queued)} wait` : "";
  if (sharesEventLoop) {
    return isIdle ? "one event loop, idle" : `one event loop, ${turns(stats.busy)}${waiting}`;
  }
  if (isIdle) return `${counted(stats.workers, "worker")}, idle`;
  return `${count(stats.busy)} of ${counted(stats.workers, "worker")} busy${waiting}`;
}

function turns(tasks: number): string {
  if (tasks === 0) return "no task";
  return tasks === 1 ? "1 task" : `${count(tasks)} tasks take turns`;
}

/** What the colours mean, of the kinds that ran lately. */
export function Legend({ lanes }: { lanes: readonly Lane[] }) {
  const kinds = kindsOf(lanes);
  return (
    <ul class="legend" aria-label="Legend">
      {kinds.map((kind) => (
        <li key={kind}>
          <span class="swatch" style={{ background: kindColour(kind) }} />
          {kindTitle(kind)}
        </li>
      ))}
      {kinds.length > 0 && (
        <>
          <li>
            <span class="swatch swatch-queue" />
            waited
          </li>
          <li>
            <span class="swatch swatch-failed" />
            failed
          </li>
        </>
      )}
      {lanes.some(({ groups }) => groups.size > 0) && (
        <li>
          <span class="swatch swatch-group" />
          of one group
        </li>
      )}
      {lanes.some(({ bars }) => bars.slice(-50).some(({ marks }) => marks !== undefined)) && (
        <>
          <li>
            <span class="swatch swatch-waits" />
            waits for a lock
          </li>
          <li>
            <span class="swatch swatch-holds" />
            holds one
          </li>
        </>
      )}
    </ul>
  );
}

/** Says all about a bar, beside it, on the side that has room. */
export function Details({ hover, box }: { hover: Hover; box: DOMRect | undefined }) {
  // Drawn again with the clock, for a bar that runs grows, and ends, while it is pointed at.
  clock.value;
  const { x, y } = hover;
  const bar = timeline.current(hover.bar);
  const until = bar.finishedAt ?? shownAt();
  if (box === undefined) return null;
  const [left, top] = [box.left + x, box.top + y];
  const { clientWidth, clientHeight } = document.documentElement;
  const across = left > clientWidth * 0.6 ? { right: clientWidth - left + 8 } : { left: left + 8 };
  const down = top > clientHeight * 0.7 ? { bottom: clientHeight - top + 14 } : { top: top + 14 };
  const sides = Object.entries({ ...across, ...down }).map(([side, px]) => [side, `${px}px`]);
  return (
    <div class="lanes-details" role="status" style={Object.fromEntries(sides)}>
      <strong>
        <span class="swatch" style={{ background: kindColour(bar.kind) }} />
        {bar.jobs > 1 ? `${count(bar.jobs)} × ${kindTitle(bar.kind)}` : kindTitle(bar.kind)}
        <span class="quiet"> #{bar.number}</span>
      </strong>
      <span class="state" data-state={bar.outcome}>
        {bar.end}
      </span>
      <dl>
        <dt>waited</dt>
        <dd>{duration(bar.startedAt - bar.submittedAt)}</dd>
        <dt>{bar.finishedAt === null ? "running for" : "ran"}</dt>
        <dd>{duration(until - bar.startedAt)}</dd>
        <dt>started</dt>
        <dd>{timeOfDay(bar.startedAt)}</dd>
        {bar.group !== undefined && (
          <>
            <dt>of group</dt>
            <dd>{bar.group}</dd>
          </>
        )}
        {spansOf(bar, shownAt())
          .slice(0, MARKS_TOLD)
          .map(({ what, of, from, to }, i) => (
            <Fragment key={i}>
              <dt>{what === "waits" ? "waited for" : "held"}</dt>
              <dd>
                {of}, {duration(to - from)}
              </dd>
            </Fragment>
          ))}
      </dl>
    </div>
  );
}

/** The kinds of the newest bars: a legend of what was long ago is of no use. */
export function kindsOf(lanes: readonly Lane[]): string[] {
  return [...new Set(lanes.flatMap(({ bars }) => bars.slice(-50).map(({ kind }) => kind)))];
}
