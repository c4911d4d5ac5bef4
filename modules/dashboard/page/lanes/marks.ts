// paintMarks: draws onto the bars when their jobs waited for a lock, and when they held one; spansOf tells it in numbers.

import type { Mark } from "../../contract.ts";
import { type LaneRow, laneRows } from "./rows.ts";
import { place, type Scene } from "./scene.ts";
import { type Bar, startsAfter } from "./timeline.ts";

/** A mark's strip, in CSS pixels, and how far it is from the bar's lower edge. */
const STRIP = 3;
const INSET = 2;
/** Of a strip of dots, how long each is, and how far the next one. */
const DOT = 2;
const STEP = 4;

/** A mark with an end: what was not told to have ended has ended with its bar, or goes on. */
export interface MarkSpan {
  readonly what: Mark[0];
  readonly of: string;
  readonly from: number;
  readonly to: number;
}

/** The marks of a bar as spans of time. */
export function spansOf({ marks = [], finishedAt }: Bar, now: number): MarkSpan[] {
  const end = finishedAt ?? now;
  return marks.map(([what, of, from, to]) => ({
    what,
    of,
    from: Math.min(from, end),
    to: Math.min(to ?? end, end),
  }));
}

/** Draws the marks of the bars in view: a line while a lock is held, dots while one is waited for. */
export function paintMarks(context: CanvasRenderingContext2D, scene: Scene): void {
  for (const row of laneRows(scene.rows)) {
    const { bars } = row.lane;
    const last = startsAfter(bars, scene.to);
    for (let i = Math.max(0, startsAfter(bars, scene.from) - 1); i < last; i++) {
      const bar = bars[i] as Bar;
      if (bar.marks !== undefined) paintMarksOf(context, bar, row, scene);
    }
  }
}

/** Draws the marks of one bar, in its row. */
export function paintMarksOf(
  context: CanvasRenderingContext2D,
  bar: Bar,
  { top, barTop, bar: high }: LaneRow,
  scene: Scene,
): void {
  const x = place(scene);
  // Not onto the gap between neighbours.
  const ends = x(bar.finishedAt ?? scene.now) - 1;
  const y = top + barTop + high - STRIP - INSET;
  for (const { what, from, to } of spansOf(bar, scene.now)) {
    const left = Math.max(-2, x(from));
    const right = Math.min(scene.width + 2, x(to), ends);
    if (right < 0 || left > scene.width) continue;
    const wide = Math.max(1, right - left);
    // On a ground of its own: it must be seen on a bar of any colour.
    context.fillStyle = scene.palette.panel;
    context.fillRect(left, y - 1, wide, STRIP + 2);
    context.fillStyle = scene.palette.ink;
    if (what === "holds") context.fillRect(left, y, wide, STRIP);
    else
      for (let at = 0; at < wide; at += STEP)
        context.fillRect(left + at, y, Math.min(DOT, wide - at), STRIP);
  }
}
