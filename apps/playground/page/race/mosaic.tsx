// MosaicPicture: the picture of 64 jobs, in which one looks closer by a click or by the keys.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { colour } from "../../../../modules/dashboard/page/parts/picture.tsx";
import { isDark } from "../../../../modules/dashboard/page/theme.ts";
import { part, type Tile, tiles } from "./mosaic.ts";
import { closer, farther, sketch, TILE_PIXELS, TILES, WHOLE_SET } from "./plane.ts";
import { racers, show } from "./race.ts";

const SIDE = TILES * TILE_PIXELS;

/** Pixels along each side of the hint that stands where nothing is drawn yet. */
const SKETCH = 160;

const STEPS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function MosaicPicture() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chosen = useSignal<number | undefined>(undefined);
  const dark = isDark();
  const shown = part.value;
  const all = tiles.value;
  const drawn = useRef<readonly Tile[]>([]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    if (!context) return;
    paintSketch(context, dark);
    drawn.current = [];
    paintTiles(context, all, drawn);
  }, [shown, dark]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    if (!context) return;
    // Begun anew: what was drawn before is of another run.
    if (all.every(({ state }) => state === "waiting")) paintSketch(context, dark);
    paintTiles(context, all, drawn);
  }, [all]);

  function zoom(right: number, down: number): void {
    const next = closer(shown, right, down);
    if (next !== undefined && racers.peek().length > 0) void show(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const at = chosen.value ?? TILES * (TILES / 2) + TILES / 2 - 1;
    const [column, row] = [at % TILES, Math.floor(at / TILES)];
    const step = STEPS[event.key];
    if (step) {
      const inside = (n: number) => Math.min(TILES - 1, Math.max(0, n));
      chosen.value = inside(row + step[1]) * TILES + inside(column + step[0]);
    } else if (event.key === "Enter") zoom((column + 0.5) / TILES, (row + 0.5) / TILES);
    else if (event.key === "Backspace" && shown !== WHOLE_SET) void show(farther(shown));
    else return;
    event.preventDefault();
  }

  const done = all.filter(({ state }) => state === "done").length;
  return (
    <div
      class="mosaic"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is looked around in by keyboard
      tabIndex={0}
      role="application"
      aria-roledescription="picture of 64 jobs"
      aria-label={`The Mandelbrot set, ${done} of ${TILES * TILES} tiles drawn. Arrows choose a tile, Enter looks closer, Backspace goes back.`}
      onKeyDown={onKeyDown}
      onBlur={() => {
        chosen.value = undefined;
      }}
    >
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        data-done={done}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          zoom((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
        }}
      />
      {chosen.value !== undefined && (
        <span
          class="mosaic-chosen"
          style={{
            left: `${((chosen.value % TILES) / TILES) * 100}%`,
            top: `${(Math.floor(chosen.value / TILES) / TILES) * 100}%`,
          }}
        />
      )}
    </div>
  );
}

/** A pale hint of the picture, of this page's own making: it is no job's work. */
function paintSketch(context: CanvasRenderingContext2D, dark: boolean): void {
  const small = new OffscreenCanvas(SKETCH, SKETCH);
  const values = sketch(part.peek(), SKETCH);
  const image = new ImageData(SKETCH, SKETCH);
  values.forEach((value, at) => {
    const grey = dark ? 24 + 34 * (1 - value) : 242 - 34 * (1 - value);
    image.data.set([grey, grey + 2, grey + 6, 255], 4 * at);
  });
  small.getContext("2d")?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, SIDE, SIDE);
  context.fillStyle = dark ? "rgb(255 255 255 / 0.07)" : "rgb(0 0 0 / 0.06)";
  for (let line = 1; line < TILES; line++) {
    context.fillRect(line * TILE_PIXELS - 1, 0, 2, SIDE);
    context.fillRect(0, line * TILE_PIXELS - 1, SIDE, 2);
  }
}

/** Paints the tiles that are others than those painted before. */
function paintTiles(
  context: CanvasRenderingContext2D,
  all: readonly Tile[],
  drawn: { current: readonly Tile[] },
): void {
  const before = drawn.current;
  drawn.current = all;
  all.forEach((tile, at) => {
    if (tile === before[at]) return;
    const [left, top] = [(at % TILES) * TILE_PIXELS, Math.floor(at / TILES) * TILE_PIXELS];
    if (tile.pixels) {
      context.putImageData(colour(tile.pixels, TILE_PIXELS, TILE_PIXELS), left, top);
    } else if (tile.state === "running" || tile.state === "failed") {
      context.strokeStyle = tile.state === "running" ? "#5b8def" : "#d9534f";
      context.lineWidth = 3;
      context.strokeRect(left + 3, top + 3, TILE_PIXELS - 6, TILE_PIXELS - 6);
    }
  });
}
