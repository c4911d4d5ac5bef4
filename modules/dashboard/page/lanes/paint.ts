// paintLanes: draws the timeline onto a canvas, as many bars as there are, in one frame.
//
// Two things make that possible. Bars that would fall onto the same column of pixels are drawn once. And all
// rectangles of one colour are drawn together, because changing the colour costs more than a rectangle.

import { paintBrackets } from "./brackets.ts";
import { paintMarks, paintMarksOf } from "./marks.ts";
import { BAR, BAR_TOP, place, ROW, RULER, type Scene } from "./scene.ts";
import { ticksBetween } from "./ticks.ts";
import { type Bar, type Lane, startsAfter } from "./timeline.ts";

/** The queue time's strip, below the bar. */
const QUEUE = 4;
const QUEUE_TOP = BAR_TOP + BAR + 1;

/** In CSS pixels. */
interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly wide: number;
  readonly high: number;
}

/** Draws a scene; returns how many bars are in it, those included that share a column of pixels. */
export function paintLanes(context: CanvasRenderingContext2D, scene: Scene): number {
  const { width, height, ratio, palette } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
  paintRuler(context, scene);
  const batches = new Map<string, Rectangle[]>();
  const stripes: Rectangle[] = [];
  const edges: Rectangle[] = [];
  let seen = 0;
  scene.lanes.forEach((lane, row) => {
    seen += layLane(lane, RULER + row * ROW, scene, batches, stripes, edges);
  });
  fill(context, palette.stripes, stripes);
  for (const [kind, rectangles] of batches) fill(context, palette.ofKind(kind), rectangles);
  strokeInside(context, palette.failureEdge, edges);
  paintMarks(context, scene);
  scene.lanes.forEach((lane, row) => {
    paintLife(context, lane, RULER + row * ROW, scene);
  });
  paintBrackets(context, scene);
  if (scene.marked) paintMarked(context, scene.marked, scene);
  return seen;
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
  context.fillStyle = palette.line;
  for (let row = 0; row <= scene.lanes.length; row++) {
    context.fillRect(0, RULER + row * ROW - 0.5, width, 1);
  }
}

/** Sorts the visible bars of a lane into rectangles by colour; returns how many bars they are. */
function layLane(
  { bars }: Lane,
  top: number,
  scene: Scene,
  batches: Map<string, Rectangle[]>,
  stripes: Rectangle[],
  edges: Rectangle[],
): number {
  const { from, to, now, width, ratio } = scene;
  const x = place(scene);
  const thinnest = 1 / ratio;
  const last = startsAfter(bars, to);
  let seen = 0;
  let column = Number.NEGATIVE_INFINITY;
  let striped = -1;
  // The bar before the first that starts in view may reach into it.
  for (let i = Math.max(0, startsAfter(bars, from) - 1); i < last; i++) {
    const bar = bars[i] as Bar;
    const begins = x(bar.startedAt);
    const left = Math.max(begins, -2);
    const right = Math.min(width + 2, x(bar.finishedAt ?? now));
    if (right < 0) continue;
    seen++;
    const waited = Math.max(x(bar.submittedAt), striped);
    if (begins - waited >= 1) {
      const from = Math.max(0, waited);
      stripes.push({ left: from, top: top + QUEUE_TOP, wide: begins - from, high: QUEUE });
      striped = begins;
    }
    const failed = bar.outcome === "failed";
    // A failure is never hidden by what shares its column.
    if (right <= column && !failed) continue;
    column = Math.max(right, left + thinnest);
    // A gap between neighbours, once there is room for one.
    const wide = right - left >= 4 ? right - left - 1 : Math.max(thinnest, right - left);
    const rectangle = { left, top: top + BAR_TOP, wide, high: BAR };
    const sameKind = batches.get(bar.kind);
    if (sameKind) sameKind.push(rectangle);
    else batches.set(bar.kind, [rectangle]);
    if (failed) edges.push({ ...rectangle, wide: Math.max(2, wide) });
  }
  return seen;
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
  { bornAt, diedAt }: Lane,
  top: number,
  scene: Scene,
): void {
  const x = place(scene);
  const born = x(bornAt);
  context.fillStyle = scene.palette.absent;
  if (born > 0) context.fillRect(0, top, Math.min(born, scene.width), ROW - 1);
  context.fillStyle = scene.palette.quiet;
  if (born > 0) context.fillRect(born, top + 2, 1.5, ROW - 5);
  if (diedAt === null) return;
  const died = x(diedAt);
  if (died > scene.width) return;
  context.fillStyle = scene.palette.absent;
  context.fillRect(Math.max(0, died), top, scene.width, ROW - 1);
  context.fillStyle = scene.palette.failed;
  context.fillRect(died, top + 2, 2, ROW - 5);
  // A cross at the end: colour alone must not say it.
  context.strokeStyle = scene.palette.failed;
  context.lineWidth = 1.5;
  const [middle, size] = [top + ROW / 2 - 1, 3.5];
  context.beginPath();
  context.moveTo(died + 7 - size, middle - size);
  context.lineTo(died + 7 + size, middle + size);
  context.moveTo(died + 7 + size, middle - size);
  context.lineTo(died + 7 - size, middle + size);
  context.stroke();
}

/** Shows one bar with its whole queue time, which the others show as a strip. */
function paintMarked(context: CanvasRenderingContext2D, bar: Bar, scene: Scene): void {
  const row = scene.lanes.findIndex(({ key }) => key === bar.lane);
  if (row < 0) return;
  const top = RULER + row * ROW + BAR_TOP;
  const x = place(scene);
  const started = x(bar.startedAt);
  const waiting = Math.max(-2, x(bar.submittedAt));
  if (started > waiting) {
    context.fillStyle = scene.palette.panel;
    context.fillRect(waiting, top, started - waiting, BAR);
    context.fillStyle = scene.palette.stripes;
    context.fillRect(waiting, top, started - waiting, BAR);
  }
  const wide = Math.max(2, Math.min(scene.width + 2, x(bar.finishedAt ?? scene.now)) - started);
  context.fillStyle = scene.palette.ofKind(bar.kind);
  context.fillRect(started, top, wide, BAR);
  paintMarksOf(context, bar, top - BAR_TOP, scene);
  context.strokeStyle = scene.palette.ink;
  context.lineWidth = 1.5;
  context.strokeRect(waiting - 1, top - 1.5, started + wide - waiting + 2, BAR + 3);
}
