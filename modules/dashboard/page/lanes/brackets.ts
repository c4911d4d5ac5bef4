// paintBrackets: draws a bracket over the bars of each group, in every lane that ran one of its jobs.

import { laneRows } from "./rows.ts";
import { place, type Scene } from "./scene.ts";

/** Where a bracket is, above the bars, how thick it is, and how far its ends reach down, in CSS pixels. */
const TOP = 1;
const LINE = 1.5;
const END = 4;

/** Draws them all; or, so that it stands out, the one of a group. */
export function paintBrackets(
  context: CanvasRenderingContext2D,
  scene: Scene,
  only?: number,
): void {
  const { from, to, now, width, palette } = scene;
  const x = place(scene);
  const line = only === undefined ? LINE : LINE * 1.5;
  context.fillStyle = only === undefined ? palette.quiet : palette.accent;
  for (const { lane, top: edge } of laneRows(scene.rows)) {
    const top = edge + TOP;
    for (const [group, span] of lane.groups) {
      if (only !== undefined && group !== only) continue;
      const end = span.open === undefined ? span.to : Math.max(span.to, now);
      if (span.from > to || end < from) continue;
      const [left, right] = [Math.max(-9, x(span.from)), Math.min(width + 9, x(end) - 1)];
      context.fillRect(left, top, Math.max(1, right - left), line);
      if (right - left < 2 * line) continue;
      context.fillRect(left, top, line, END);
      // One that goes on is open.
      if (span.open === undefined) context.fillRect(right - line, top, line, END);
    }
  }
}
