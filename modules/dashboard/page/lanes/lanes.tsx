// Lanes: the timeline of all workers, painted as it grows, with everything to look around in it.

import { useEffect, useRef } from "preact/hooks";
import type { RunView } from "../../contract.ts";
import { kindTitle } from "../catalogue.ts";
import { shownAt } from "../connection.ts";
import { counted, duration, timeOfDay } from "../format.ts";
import { kindColour } from "../kind_colour.ts";
import { runs } from "../live.ts";
import { Icon } from "../parts/icon.tsx";
import { RunLine } from "../parts/run_line.tsx";
import { EDGE, LINE, type Saved, SavePicture } from "../parts/save_picture.tsx";
import { heldSpan } from "../shared_time.ts";
import { type Drawing, useDrawing } from "./drawing.ts";
import { useGestures } from "./gestures.ts";
import { Details, kindsOf, Legend, RowName } from "./labels.tsx";
import { type Looking, useLooking } from "./looking.ts";
import { heightOf, laneRows, RULER } from "./rows.ts";

/** There is room for some rows, however few workers there are: what comes with the first jobs pushes nothing away. */
const LEAST_HEIGHT = RULER + 142;

/** Shows the lanes of all executors, or of one; a run of so many jobs, once it has ended, in the whole of the view. */
export function Lanes({ executor, fits = BURST }: { executor?: string; fits?: number }) {
  const drawing = useDrawing(executor);
  const looking = useLooking(drawing, executor);
  const { onKeyDown, onCanvas } = useGestures(drawing, looking);
  const { canvas, overlay } = drawing;
  const rows = drawing.rows.value;
  const lanes = laneRows(rows).map(({ lane }) => lane);
  const { bars, jobs } = drawing.seen.value;
  const seen = `${counted(bars, "bar")}${jobs > bars ? ` of ${counted(jobs, "job")}` : ""} in view`;
  const held = heldSpan.value;
  const span = duration(held === undefined ? drawing.camera.span : held.to - held.from);
  const hover = looking.hover.value;
  const height = `${Math.max(heightOf(rows), LEAST_HEIGHT)}px`;
  return (
    <section class="lanes panel" aria-label="Worker lanes">
      <div class="lanes-head">
        <h2>Worker lanes</h2>
        <Legend lanes={lanes} />
        <Tools looking={looking} picture={() => pictureOf(drawing)} />
      </div>
      <LatestRun looking={looking} executor={executor} fits={fits} />
      <div class="lanes-body" style={{ "--ruler": `${RULER}px` }}>
        <ol class="lane-names" aria-label="Workers">
          {rows.map((row) => (
            <RowName key={row.what === "lane" ? row.lane.key : row.executor} row={row} />
          ))}
        </ol>
        <div
          class="lanes-view"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is looked around in by keyboard
          tabIndex={0}
          role="application"
          aria-roledescription="timeline"
          aria-label={`Timeline of ${counted(lanes.length, "worker")} over ${span}, ${seen}. Arrows pan, plus and minus zoom, N and P go from bar to bar, Enter opens one, F follows.`}
          onKeyDown={onKeyDown}
        >
          <canvas class="lanes-canvas" ref={canvas} style={{ height }} {...onCanvas} />
          <canvas class="lanes-overlay" ref={overlay} style={{ height }} />
          {rows.length === 0 && (
            <p class="lanes-empty">
              <span>
                No worker is running. Each worker gets a lane here, and each job it runs a bar.
                Workers start with the first job.
              </span>
            </p>
          )}
        </div>
      </div>
      {hover && <Details hover={hover} box={canvas.current?.getBoundingClientRect()} />}
      <p class="lanes-foot hint">
        <span>{seen}</span>
        <span class="wide-only">
          Drag to pan, Ctrl and wheel to zoom, click a bar to open its job.
        </span>
      </p>
    </section>
  );
}

/** A run of so many jobs is over before it is seen: the view goes to it. */
const BURST = 1000;

/** What was submitted last, and what came of it. */
function LatestRun({
  looking,
  executor,
  fits,
}: {
  looking: Looking;
  executor: string | undefined;
  fits: number;
}) {
  const run = runs.value.find(
    ({ parts }) => executor === undefined || parts.some((part) => part.executor === executor),
  );
  const span = run && spanOf(run);
  // Only of what is seen to end: not of what ended before this page was opened.
  const open = useRef<string>(undefined);
  useEffect(() => {
    if (run === undefined) return;
    if (span === undefined) open.current = run.id;
    else if (open.current === run.id) {
      open.current = undefined;
      if (run.jobs >= fits && looking.following.peek()) looking.fit(span);
    }
  }, [run]);
  return (
    <div class="lanes-run">
      {run === undefined ? (
        <span class="quiet">
          What is submitted together is a run: what came of it is told here.
        </span>
      ) : (
        <RunLine run={run}>
          {span && (
            <button type="button" class="link" onClick={() => looking.fit(span)}>
              Show it
            </button>
          )}
        </RunLine>
      )}
    </div>
  );
}

function spanOf({ startedAt, submittedAt, finishedAt }: RunView) {
  if (finishedAt === null) return undefined;
  const from = startedAt ?? submittedAt;
  return { from, to: Math.max(finishedAt, from + 1) };
}

/** In a saved picture, as much as the names have beside the lanes. */
const NAMES = 188;

/** The lanes as they are seen, with their names, the kinds of their bars and the time. */
function pictureOf({ canvas, overlay, camera, rows }: Drawing): Saved {
  const [lanes, marks] = [canvas.current, overlay.current] as [
    HTMLCanvasElement,
    HTMLCanvasElement,
  ];
  const { from, to } = camera.window(shownAt());
  const top = EDGE + LINE;
  const below = top + lanes.clientHeight + LINE / 2 + EDGE / 2;
  const kinds = kindsOf(laneRows(rows.peek()).map(({ lane }) => lane));
  const day = new Date(from).toLocaleDateString("en-CA");
  return {
    name: "lanes",
    width: NAMES + lanes.clientWidth + EDGE,
    height: below + LINE,
    canvases: [lanes, marks],
    left: NAMES,
    top,
    words: [
      { text: "Worker lanes", left: EDGE, middle: LINE / 2 + EDGE / 2, isStrong: true },
      {
        text: `${day}, ${timeOfDay(from)} to ${timeOfDay(to)}`,
        left: NAMES,
        middle: LINE / 2 + EDGE / 2,
      },
      ...rows.peek().flatMap((row) => {
        const middle = top + row.top + row.height / 2;
        if (row.what === "heading")
          return [{ text: row.executor, left: EDGE, middle, isStrong: true }];
        return row.isTurn ? [] : [{ text: row.lane.worker, left: EDGE, middle }];
      }),
      ...kinds.map((kind, i) => ({
        text: kindTitle(kind),
        left: NAMES + i * 130,
        middle: below,
        swatch: kindColour(kind),
      })),
    ],
  };
}

/** Looks around by buttons. */
function Tools({ looking, picture }: { looking: Looking; picture: () => Saved }) {
  const { following, toggle, fit, zoomStep } = looking;
  // While the present is followed, it stays where it is.
  const about = () => (following.peek() ? 1 : 0.5);
  return (
    <div class="lanes-tools" role="group" aria-label="Look around">
      <button type="button" onClick={toggle} aria-pressed={following.value}>
        <Icon name={following.value ? "pause" : "play"} />
        {following.value ? "Pause" : "Follow live"}
      </button>
      <Tool name="Zoom out" icon="minus" onClick={() => zoomStep(1, about())} />
      <Tool name="Zoom in" icon="plus" onClick={() => zoomStep(-1, about())} />
      <Tool name="Show everything" icon="fit" onClick={() => fit()} />
      <SavePicture what="the lanes" of={picture} />
    </div>
  );
}

function Tool({
  name,
  icon,
  onClick,
}: {
  name: string;
  icon: "minus" | "plus" | "fit";
  onClick(): void;
}) {
  return (
    <button type="button" class="square" onClick={onClick} aria-label={name} title={name}>
      <Icon name={icon} />
    </button>
  );
}
