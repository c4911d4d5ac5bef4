// paintLanes: draws the timeline onto a canvas, as many bars as there are, in one frame.
//
// Two things make that possible. Bars that would fall onto the same column of pixels are drawn once. And all
// rectangles of one colour are drawn together, because changing the colour costs more than a rectangle.

import type { Palette } from "./palette.ts";
import { ticksBetween } from "./ticks.ts";
import { type Bar, type Lane, startsAfter } from "./timeline.ts";

export const ROW = 28;
export const RULER = 26;
const BAR = 16;
const BAR_TOP = 4;
/** The queue time's strip, below the bar. */
const QUEUE = 4;
const QUEUE_TOP = BAR_TOP + BAR + 1;

export interface Scene {
  readonly lanes: readonly Lane[];
  readonly from: number;
  readonly to: number;
  readonly now: number;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels in a CSS pixel. */
  readonly ratio: number;
  readonly palette: Palette;
  /** The bar under the pointer, or chosen by keyboard. */
  readonly marked: Bar | undefined;
}

/** Draws a scene; returns how many bars it drew. */
export function paintLanes(context: CanvasRenderingContext2D, scene: Scene): number {
  const { width, height, ratio, palette } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
  paintRuler(context, scene);
  const batches = new Map<string, number[]>();
  const stripes: number[] = [];
  const edges: number[] = [];
  let drawn = 0;
  scene.lanes.forEach((lane, row) => {
    drawn += layLane(lane, RULER + row * ROW, scene, batches, stripes, edges);
  });
  fill(context, palette.stripes, stripes);
  for (const [kind, rectangles] of batches) fill(context, palette.ofKind(kind), rectangles);
  strokeInside(context, palette.failureEdge, edges);
  scene.lanes.forEach((lane, row) => {
    paintLife(context, lane, RULER + row * ROW, scene);
  });
  if (scene.marked) paintMarked(context, scene.marked, scene);
  return drawn;
}

/** Where a time is, in CSS pixels, on a whole device pixel: all bars move by the same steps. */
function place({ from, to, width, ratio }: Scene): (time: number) => number {
  const scale = (width * ratio) / (to - from);
  const origin = Math.round(from * scale);
  return (time) => (Math.round(time * scale) - origin) / ratio;
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

/** Sorts the visible bars of a lane into rectangles by colour; four numbers each. */
function layLane(
  { bars }: Lane,
  top: number,
  scene: Scene,
  batches: Map<string, number[]>,
  stripes: number[],
  edges: number[],
): number {
  const { from, to, now, width, ratio } = scene;
  const x = place(scene);
  const thinnest = 1 / ratio;
  const last = startsAfter(bars, to);
  let drawn = 0;
  let column = Number.NEGATIVE_INFINITY;
  let striped = -1;
  // The bar before the first that starts in view may reach into it.
  for (let i = Math.max(0, startsAfter(bars, from) - 1); i < last; i++) {
    const bar = bars[i] as Bar;
    const begins = x(bar.startedAt);
    const left = Math.max(begins, -2);
    const right = Math.min(width + 2, x(bar.finishedAt ?? now));
    if (right < 0) continue;
    const waited = Math.max(x(bar.submittedAt), striped);
    if (begins - waited >= 1) {
      stripes.push(Math.max(0, waited), top + QUEUE_TOP, begins - Math.max(0, waited), QUEUE);
      striped = begins;
    }
    const failed = bar.outcome === "failed";
    // A failure is never hidden by what shares its column.
    if (right <= column && !failed) continue;
    column = Math.max(right, left + thinnest);
    drawn++;
    // A gap between neighbours, once there is room for one.
    const wide = right - left >= 4 ? right - left - 1 : Math.max(thinnest, right - left);
    const rectangles = batches.get(bar.kind);
    if (rectangles) rectangles.push(left, top + BAR_TOP, wide, BAR);
    else batches.set(bar.kind, [left, top + BAR_TOP, wide, BAR]);
    if (failed) edges.push(left, top + BAR_TOP, Math.max(2, wide), BAR);
  }
  return drawn;
}

function fill(
  context: CanvasRenderingContext2D,
  style: string | CanvasPattern,
  rectangles: number[],
): void {
  context.fillStyle = style;
  for (let i = 0; i < rectangles.length; i += 4) {
    const [left, top, wide, high] = rectangles.slice(i, i + 4) as [number, number, number, number];
    context.fillRect(left, top, wide, high);
  }
}

function strokeInside(
  context: CanvasRenderingContext2D,
  style: string,
  rectangles: number[],
): void {
  context.strokeStyle = style;
  context.fillStyle = style;
  context.lineWidth = 2;
  for (let i = 0; i < rectangles.length; i += 4) {
    const [left, top, wide, high] = rectangles.slice(i, i + 4) as [number, number, number, number];
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
  context.strokeStyle = scene.palette.ink;
  context.lineWidth = 1.5;
  context.strokeRect(waiting - 1, top - 1.5, started + wide - waiting + 2, BAR + 3);
}
