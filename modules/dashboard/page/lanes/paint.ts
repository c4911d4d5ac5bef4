// paintLanes: draws the timeline onto a canvas, as many bars as there are, in one frame.
//
// Two things make that possible. Bars that would fall onto the same column of pixels are drawn once. And all
// rectangles of one colour are drawn together, because changing the colour costs more than a rectangle.

import { paintBrackets } from "./brackets.ts";
import { paintMarks, paintMarksOf } from "./marks.ts";
import { type LaneRow, laneRows, RULER } from "./rows.ts";
import { place, rowOf, type Scene } from "./scene.ts";
import { ticksBetween } from "./ticks.ts";
import { type Bar, startsAfter } from "./timeline.ts";

/** The queue time's strip, and how far it is below the bar. */
const QUEUE = 4;
const BELOW = 1;

/** Of a column of pixels with few jobs, how much of a bar's height it has; that with the most has all of it. */
const LEAST = 0.35;

/** In CSS pixels. */
interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly wide: number;
  readonly high: number;
}

/** A column of pixels in which many bars would lie, as high as there are jobs in it. */
interface Column extends Rectangle {
  readonly kind: string;
  jobs: number;
}

/** What a picture is put together from, by colour. */
interface Batches {
  readonly kinds: Map<string, Rectangle[]>;
  readonly stripes: Rectangle[];
  readonly edges: Rectangle[];
  readonly columns: Column[];
}

/** How much there is in a picture: bars, those included that share a column of pixels, and their jobs. */
export interface Seen {
  readonly bars: number;
  readonly jobs: number;
}

/** Draws a scene, without what is marked in it. */
export function paintLanes(context: CanvasRenderingContext2D, scene: Scene): Seen {
  const { width, height, ratio, palette } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
  paintRuler(context, scene);
  const batches: Batches = { kinds: new Map(), stripes: [], edges: [], columns: [] };
  const seen = { bars: 0, jobs: 0 };
  const rows = laneRows(scene.rows);
  for (const row of rows) {
    const { bars, jobs } = layLane(row, scene, batches);
    seen.bars += bars;
    seen.jobs += jobs;
  }
  raise(batches);
  fill(context, palette.stripes, batches.stripes);
  for (const [kind, rectangles] of batches.kinds) fill(context, palette.ofKind(kind), rectangles);
  strokeInside(context, palette.failureEdge, batches.edges);
  paintMarks(context, scene);
  for (const row of rows) paintLife(context, row, scene);
  paintBrackets(context, scene);
  return seen;
}

/** Draws what is marked in a scene, and nothing else. */
export function paintMarkedOf(context: CanvasRenderingContext2D, scene: Scene): void {
  const { width, height, ratio, marked, pointed, palette } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  if (pointed !== undefined) {
    context.fillStyle = palette.quiet;
    context.fillRect(place(scene)(pointed), RULER - 4, 1, height);
  }
  if (marked === undefined) return;
  if (marked.group !== undefined) paintBrackets(context, scene, marked.group);
  paintMarked(context, marked, scene);
}

function paintRuler(context: CanvasRenderingContext2D, scene: Scene): void {
  const { from, to, width, height, palette } = scene;
  const x = place(scene);
  context.font = palette.font;
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const { at, label } of ticksBetween(from, to, Math.max(2, width / 110))) {
    const left = x(at);
    context.fillStyle = palette.line;
    context.fillRect(left, RULER - 4, 1, height - RULER + 4);
    const half = context.measureText(label).width / 2;
    if (left - half < 2 || left + half > width - 2) continue;
    context.fillStyle = palette.quiet;
    context.fillText(label, left, RULER / 2 - 1);
  }
  for (const { what, top, height: high } of scene.rows) {
    context.fillStyle = palette.absent;
    if (what === "heading") context.fillRect(0, top, width, high);
    context.fillStyle = palette.line;
    context.fillRect(0, top - 0.5, width, what === "heading" || high > 20 ? 1 : 0.5);
  }
}

/** Sorts the visible bars of a lane into rectangles by colour. */
function layLane(
  { lane: { bars }, top, barTop, bar: high, hasQueue }: LaneRow,
  scene: Scene,
  { kinds, stripes, edges, columns }: Batches,
): Seen {
  const { from, to, now, width, ratio } = scene;
  const x = place(scene);
  const thinnest = 1 / ratio;
  const last = startsAfter(bars, to);
  let seen = 0;
  let jobs = 0;
  let column: Column | undefined;
  let striped = -1;
  // The bar before the first that starts in view may reach into it.
  for (let i = Math.max(0, startsAfter(bars, from) - 1); i < last; i++) {
    const bar = bars[i] as Bar;
    const begins = x(bar.startedAt);
    const left = Math.max(begins, -2);
    const right = Math.min(width + 2, x(bar.finishedAt ?? now));
    if (right < 0) continue;
    seen++;
    jobs += bar.jobs;
    const waited = Math.max(x(bar.submittedAt), striped);
    if (hasQueue && begins - waited >= 1) {
      const from = Math.max(0, waited);
      stripes.push({
        left: from,
        top: top + barTop + high + BELOW,
        wide: begins - from,
        high: QUEUE,
      });
      striped = begins;
    }
    // A gap between neighbours, once there is room for one.
    const wide = right - left >= 4 ? right - left - 1 : Math.max(thinnest, right - left);
    const rectangle = { left, top: top + barTop, wide, high };
    // A failure is never hidden by what shares its column.
    if (bar.outcome === "failed") edges.push({ ...rectangle, wide: Math.max(2, wide) });
    if (wide > thinnest) {
      column = undefined;
      const sameKind = kinds.get(bar.kind);
      if (sameKind) sameKind.push(rectangle);
      else kinds.set(bar.kind, [rectangle]);
    } else if (column !== undefined && column.left === left && column.kind === bar.kind) {
      column.jobs += bar.jobs;
    } else {
      column = { ...rectangle, kind: bar.kind, jobs: bar.jobs };
      columns.push(column);
    }
  }
  return { bars: seen, jobs };
}

/** Gives the columns of pixels a height by how many jobs are in each: so a burst is seen, which would be one block. */
function raise({ kinds, columns }: Batches): void {
  const most = columns.reduce((most, { jobs }) => Math.max(most, jobs), 1);
  for (const { kind, left, top, wide, high, jobs } of columns) {
    const part = most === 1 ? 1 : LEAST + (1 - LEAST) * (Math.log(jobs) / Math.log(most));
    const rectangle = { left, top: top + high * (1 - part), wide, high: high * part };
    const sameKind = kinds.get(kind);
    if (sameKind) sameKind.push(rectangle);
    else kinds.set(kind, [rectangle]);
  }
}

function fill(
  context: CanvasRenderingContext2D,
  style: string | CanvasPattern,
  rectangles: readonly Rectangle[],
): void {
  context.fillStyle = style;
  for (const { left, top, wide, high } of rectangles) context.fillRect(left, top, wide, high);
}

function strokeInside(
  context: CanvasRenderingContext2D,
  style: string,
  rectangles: readonly Rectangle[],
): void {
  context.strokeStyle = style;
  context.fillStyle = style;
  context.lineWidth = 2;
  for (const { left, top, wide, high } of rectangles) {
    if (wide < 5) context.fillRect(left, top, wide, high);
    else context.strokeRect(left + 1, top + 1, wide - 2, high - 2);
  }
}

/** Hatches what lies before a worker's birth and after its end, so that its life is seen. */
function paintLife(
  context: CanvasRenderingContext2D,
  { lane, top, height, isTurn }: LaneRow,
  scene: Scene,
): void {
  // A loop's turn has no life of its own.
  if (isTurn) return;
  const { bornAt, diedAt } = lane;
  const x = place(scene);
  const born = x(bornAt);
  context.fillStyle = scene.palette.absent;
  if (born > 0) context.fillRect(0, top, Math.min(born, scene.width), height - 1);
  context.fillStyle = scene.palette.quiet;
  if (born > 0) context.fillRect(born, top + 2, 1.5, height - 5);
  if (diedAt === null) return;
  const died = x(diedAt);
  if (died > scene.width) return;
  context.fillStyle = scene.palette.absent;
  context.fillRect(Math.max(0, died), top, scene.width, height - 1);
  const isLost = lane.why !== null || lane.bars.at(-1)?.end === "worker-lost";
  context.fillStyle = isLost ? scene.palette.failed : scene.palette.quiet;
  context.fillRect(died, top + 2, 2, height - 5);
  if (!isLost) return;
  // A cross at the end: colour alone must not say it.
  context.strokeStyle = scene.palette.failed;
  context.lineWidth = 1.5;
  const [middle, size] = [top + height / 2 - 1, 3.5];
  context.beginPath();
  context.moveTo(died + 7 - size, middle - size);
  context.lineTo(died + 7 + size, middle + size);
  context.moveTo(died + 7 + size, middle - size);
  context.lineTo(died + 7 - size, middle + size);
  context.stroke();
}

/** Shows one bar with its whole queue time, which the others show as a strip. */
function paintMarked(context: CanvasRenderingContext2D, bar: Bar, scene: Scene): void {
  const row = rowOf(scene, bar);
  if (row === undefined) return;
  const top = row.top + row.barTop;
  const x = place(scene);
  const started = x(bar.startedAt);
  const waiting = Math.max(-2, x(bar.submittedAt));
  if (started > waiting) {
    context.fillStyle = scene.palette.panel;
    context.fillRect(waiting, top, started - waiting, row.bar);
    context.fillStyle = scene.palette.stripes;
    context.fillRect(waiting, top, started - waiting, row.bar);
  }
  const wide = Math.max(2, Math.min(scene.width + 2, x(bar.finishedAt ?? scene.now)) - started);
  context.fillStyle = scene.palette.ofKind(bar.kind);
  context.fillRect(started, top, wide, row.bar);
  paintMarksOf(context, bar, row, scene);
  context.strokeStyle = scene.palette.ink;
  context.lineWidth = 1.5;
  context.strokeRect(waiting - 1, top - 1.5, started + wide - waiting + 2, row.bar + 3);
}
