// The plane: which part of the Mandelbrot set the picture shows, and the 64 tiles that it is put together from.

/** Tiles along each side of the picture, and pixels along each side of a tile. */
export const TILES = 8;
export const TILE_PIXELS = 80;

/** A square part of the plane. */
export interface Part {
  /** Its centre. */
  readonly x: number;
  readonly y: number;
  /** Its width. */
  readonly span: number;
}

/** What a job is asked to draw. */
export interface TileWanted extends Part {
  readonly size: number;
  readonly iterations: number;
}

export const WHOLE_SET: Part = { x: -0.6, y: 0, span: 2.6 };

/** How much closer one zoom goes. */
const CLOSER = 1 / 3;

/** Closer than this, neighbouring pixels are the same number. */
const CLOSEST = 1e-11;

/** What the task takes at most: the black of the set is what costs. */
const ITERATIONS = 5000;

/** The tiles of a part, row by row from its upper left. */
export function tilesOf({ x, y, span }: Part): TileWanted[] {
  const side = span / TILES;
  return Array.from({ length: TILES * TILES }, (_, at) => ({
    x: x + ((at % TILES) - (TILES - 1) / 2) * side,
    y: y + ((TILES - 1) / 2 - Math.floor(at / TILES)) * side,
    span: side,
    size: TILE_PIXELS,
    iterations: ITERATIONS,
  }));
}

/** The part around a place, given as parts of the picture's width and height; undefined where there is none closer. */
export function closer({ x, y, span }: Part, right: number, down: number): Part | undefined {
  const narrower = span * CLOSER;
  if (narrower < CLOSEST) return undefined;
  return { x: x + (right - 0.5) * span, y: y + (0.5 - down) * span, span: narrower };
}

/** The part around a part. */
export function farther(part: Part): Part {
  const span = part.span / CLOSER;
  return span >= WHOLE_SET.span ? WHOLE_SET : { ...part, span };
}

/** A hint of what will be seen, at once: `side` by `side` values from 0, which is the set, to 1. */
export function sketch({ x, y, span }: Part, side: number): Float32Array {
  const values = new Float32Array(side * side);
  for (let at = 0; at < values.length; at++) {
    const re = x + (((at % side) + 0.5) / side - 0.5) * span;
    const im = y + (0.5 - (Math.floor(at / side) + 0.5) / side) * span;
    values[at] = escapes(re, im);
  }
  return values;
}

const SKETCH_ITERATIONS = 60;

function escapes(re: number, im: number): number {
  let [a, b] = [0, 0];
  for (let i = 0; i < SKETCH_ITERATIONS; i++) {
    const next = a * a - b * b + re;
    b = 2 * a * b + im;
    a = next;
    if (a * a + b * b > 4) return 1 - i / SKETCH_ITERATIONS;
  }
  return 0;
}
