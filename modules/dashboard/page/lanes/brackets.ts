// paintBrackets: draws a bracket over the bars of each group, in every lane that ran one of its jobs.

import { place, ROW, RULER, type Scene } from "./scene.ts";

/** Where a bracket is, above the bars, how thick it is, and how far its ends reach down, in CSS pixels. */
const TOP = 1;
const LINE = 1.5;
const END = 4;

/** Draws them; that of the group whose bar is marked, in every lane, stands out. */
export function paintBrackets(context: CanvasRenderingContext2D, scene: Scene): void {
  const { from, to, now, width, palette, marked } = scene;
  const x = place(scene);
  scene.lanes.forEach(({ groups }, row) => {
    const top = RULER + row * ROW + TOP;
    for (const [group, span] of groups) {
      const end = span.open === undefined ? span.to : Math.max(span.to, now);
      if (span.from > to || end < from) continue;
      const [left, right] = [Math.max(-9, x(span.from)), Math.min(width + 9, x(end) - 1)];
      const isMarked = marked?.group === group;
      context.fillStyle = isMarked ? palette.accent : palette.quiet;
      const line = isMarked ? LINE * 1.5 : LINE;
      context.fillRect(left, top, Math.max(1, right - left), line);
      if (right - left < 2 * line) continue;
      context.fillRect(left, top, line, END);
      // One that goes on is open.
      if (span.open === undefined) context.fillRect(right - line, top, line, END);
    }
  });
}
