// Painter: paints the lanes whenever something is to be seen anew: each frame while time moves, else only on changes.

import { shownAt } from "../connection.ts";
import { timeline } from "../live.ts";
import type { Camera } from "./camera.ts";
import { paintLanes } from "./paint.ts";
import { type Palette, readPalette } from "./palette.ts";
import type { Bar, Lane } from "./timeline.ts";

/** Who wants things to stand still sees a new picture this often, instead of a moving one. */
const STILL_MS = 1000;

/** Names and figures around the lanes are told this often. */
const TELL_MS = 200;

export interface PainterOptions {
  readonly executor: string | undefined;
  readonly still: boolean;
  onLanes(lanes: readonly Lane[]): void;
  onPainted(bars: number): void;
}

export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #camera: Camera;
  readonly #options: PainterOptions;
  readonly #resized: ResizeObserver;
  #palette: Palette;
  #width = 0;
  #height = 0;
  #ratio = 1;
  #lanes: readonly Lane[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;
  #marked: Bar | undefined;
  #frame = 0;
  #painted = "";
  /** Whether what is painted has been told, too. */
  #isTold = false;

  constructor(canvas: HTMLCanvasElement, camera: Camera, options: PainterOptions) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    this.#camera = camera;
    this.#options = options;
    this.#palette = readPalette(this.#context, devicePixelRatio);
    this.#resized = new ResizeObserver(() => this.#measure());
    this.#resized.observe(canvas);
    this.#measure();
    this.#frame = requestAnimationFrame(this.#paint);
  }

  mark(bar: Bar | undefined): void {
    this.#marked = bar;
    this.#painted = "";
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#resized.disconnect();
  }

  #measure(): void {
    this.#ratio = devicePixelRatio;
    this.#width = this.#canvas.clientWidth;
    this.#height = this.#canvas.clientHeight;
    this.#canvas.width = Math.round(this.#width * this.#ratio);
    this.#canvas.height = Math.round(this.#height * this.#ratio);
    this.#palette = readPalette(this.#context, this.#ratio);
    this.#painted = "";
    // At once: a canvas that got a new size is empty until it is painted.
    this.#draw(shownAt());
  }

  readonly #paint = (): void => {
    this.#frame = requestAnimationFrame(this.#paint);
    this.#draw(shownAt());
  };

  #draw(at: number): void {
    const { still } = this.#options;
    const clock = still ? Math.floor(at / STILL_MS) * STILL_MS : at;
    const { from, to } = this.#camera.window(clock);
    // What is seen depends on these alone; running bars grow with the clock while it is in view.
    const moving = clock >= from && clock <= to;
    const picture = `${from} ${to} ${timeline.version} ${moving ? clock : ""}`;
    // What is told of the picture changes with workers, not with frames; until it is told, the picture is not done.
    const tells = at - this.#toldAt >= TELL_MS;
    const isDone = picture === this.#painted && (this.#isTold || !tells);
    if (isDone || this.#width === 0) return;
    this.#painted = picture;
    this.#isTold = tells;
    if (tells) this.#findLanes(at, from, to);
    const bars = paintLanes(this.#context, {
      lanes: this.#lanes,
      from,
      to,
      now: at,
      width: this.#width,
      height: this.#height,
      ratio: this.#ratio,
      palette: this.#palette,
      marked: this.#marked && timeline.current(this.#marked),
    });
    if (tells) this.#options.onPainted(bars);
  }

  /** Finds the lanes of workers that live in the span that is seen. */
  #findLanes(at: number, from: number, to: number): void {
    this.#toldAt = at;
    const seen = timeline.lanesIn(from, to, this.#options.executor);
    this.#lanes = seen;
    this.#options.onLanes(seen);
  }
}
