// Palette: the colours of canvases, read from the style sheet so that they stand there only.

import { kindColour } from "../kind_colour.ts";

export interface Palette {
  readonly panel: string;
  readonly line: string;
  readonly ink: string;
  readonly quiet: string;
  readonly accent: string;
  readonly failed: string;
  readonly failureEdge: string;
  readonly absent: string;
  readonly stripes: CanvasPattern | string;
  readonly font: string;
  ofKind(kind: string): string;
}

/** Reads the colours that hold now; a change of theme needs new ones. */
export function readPalette(context: CanvasRenderingContext2D, ratio: number): Palette {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const quiet = colour("quiet");
  return {
    panel: colour("panel"),
    line: colour("line"),
    ink: colour("ink"),
    quiet,
    accent: colour("accent"),
    failed: colour("failed"),
    failureEdge: colour("ink"),
    absent: colour("sunken"),
    stripes: stripesOf(context, quiet, ratio) ?? quiet,
    font: `${style.getPropertyValue("--size-1")} ${style.getPropertyValue("--sans")}`,
    ofKind: kindColour,
  };
}

/** A pattern of slanted lines: it is how time in a queue looks, wherever it is drawn. */
function stripesOf(
  context: CanvasRenderingContext2D,
  colour: string,
  ratio: number,
): CanvasPattern | null {
  const tile = document.createElement("canvas");
  const size = 4 * Math.max(1, Math.round(ratio));
  tile.width = size;
  tile.height = size;
  const drawing = tile.getContext("2d");
  if (drawing === null) return null;
  drawing.strokeStyle = colour;
  drawing.globalAlpha = 0.75;
  drawing.lineWidth = size / 3;
  drawing.beginPath();
  for (const shift of [-size, 0, size]) {
    drawing.moveTo(shift - 1, size + 1);
    drawing.lineTo(shift + size + 1, -1);
  }
  drawing.stroke();
  const pattern = context.createPattern(tile, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
