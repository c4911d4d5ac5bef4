// Painter: paints the lanes whenever something is to be seen anew: each frame while a job runs, and hardly at all while none does.

import { shownAt } from "../connection.ts";
import { executors, timeline } from "../live.ts";
import { pointedAt } from "../shared_time.ts";
import type { Camera } from "./camera.ts";
import { paintLanes, paintMarkedOf, type Seen } from "./paint.ts";
import { type Palette, readPalette } from "./palette.ts";
import { laneRows, type Row, rowsOf } from "./rows.ts";
import type { Scene } from "./scene.ts";
import type { Bar } from "./timeline.ts";

/** Who wants things to stand still sees a new picture this often, and so does everybody while nothing moves but the clock. */
const STILL_MS = 1000;

/** After the last change all moves on for as long, so that what ended is seen to leave the present. */
const CALM_AFTER_MS = 1500;

/** A frame that comes so much later than it was asked for tells of a machine with more to do than to paint, in milliseconds. */
const LATE_MS = 25;

/** The longest pause that the lanes then make for others. */
const LONGEST_PAUSE_MS = 150;

/** Names and figures around the lanes are told this often. */
const TELL_MS = 200;

export interface PainterOptions {
  readonly executor: string | undefined;
  readonly still: boolean;
  onRows(rows: readonly Row[]): void;
  onPainted(seen: Seen): void;
}

export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #overlay: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #marking: CanvasRenderingContext2D;
  readonly #camera: Camera;
  readonly #options: PainterOptions;
  readonly #resized: ResizeObserver;
  readonly #forget: () => void;
  readonly #ignore: () => void;
  #palette: Palette;
  #width = 0;
  #height = 0;
  #ratio = 1;
  #rows: readonly Row[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;
  #changedAt = Number.NEGATIVE_INFINITY;
  #marked: Bar | undefined;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #askedAt = 0;
  /** Whether the timer is a pause for what else the machine does. */
  #makesWay = false;
  #painted = "";
  #isMarked = false;
  /** Whether what is painted has been told, too. */
  #isTold = false;

  constructor(
    [canvas, overlay]: readonly [HTMLCanvasElement, HTMLCanvasElement],
    camera: Camera,
    options: PainterOptions,
  ) {
    this.#canvas = canvas;
    this.#overlay = overlay;
    this.#context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    this.#marking = overlay.getContext("2d") as CanvasRenderingContext2D;
    this.#camera = camera;
    this.#options = options;
    this.#palette = readPalette(this.#context, devicePixelRatio);
    this.#resized = new ResizeObserver(() => this.#measure());
    this.#resized.observe(canvas);
    this.#forget = timeline.onChange(() => {
      this.#changedAt = performance.now();
      if (!this.#makesWay) this.wake();
    });
    this.#ignore = pointedAt.subscribe(() => {
      this.#isMarked = false;
      this.wake();
    });
    this.#measure();
    this.wake();
  }

  /** Marks a bar. Only what is marked is painted for it. */
  mark(bar: Bar | undefined): void {
    this.#marked = bar;
    this.#isMarked = false;
    this.wake();
  }

  /** Looks at the next frame whether there is something to paint. */
  wake(): void {
    if (this.#frame !== 0) return;
    clearTimeout(this.#timer);
    this.#makesWay = false;
    this.#askedAt = performance.now();
    this.#frame = requestAnimationFrame(this.#paint);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = -1;
    this.#forget();
    this.#ignore();
    this.#resized.disconnect();
  }

  #measure(): void {
    this.#ratio = devicePixelRatio;
    this.#width = this.#canvas.clientWidth;
    this.#height = this.#canvas.clientHeight;
    for (const canvas of [this.#canvas, this.#overlay]) {
      canvas.width = Math.round(this.#width * this.#ratio);
      canvas.height = Math.round(this.#height * this.#ratio);
    }
    this.#palette = readPalette(this.#context, this.#ratio);
    this.#painted = "";
    this.#isMarked = false;
    // At once: a canvas that got a new size is empty until it is painted.
    this.#draw(shownAt());
  }

  readonly #paint = (): void => {
    this.#frame = 0;
    const late = performance.now() - this.#askedAt;
    const at = shownAt();
    this.#draw(at);
    if (this.#isTold && this.#isCalm()) {
      // The ruler goes on by steps; on a page nobody does anything with, that is all.
      this.#timer = setTimeout(() => this.wake(), STILL_MS - (at % STILL_MS));
    } else if (late > LATE_MS) {
      // What others wait for comes first, the jobs above all; what the reader does, and not only time, paints at once.
      this.#makesWay = true;
      this.#timer = setTimeout(() => this.wake(), Math.min(late, LONGEST_PAUSE_MS));
    } else this.wake();
  };

  /** Whether nothing moves but the clock. */
  #isCalm(): boolean {
    if (this.#options.still) return true;
    if (performance.now() - this.#changedAt < CALM_AFTER_MS) return false;
    return !laneRows(this.#rows).some(({ lane }) => lane.bars.at(-1)?.finishedAt === null);
  }

  #draw(at: number): void {
    const clock = this.#isCalm() ? Math.floor(at / STILL_MS) * STILL_MS : at;
    const { from, to } = this.#camera.window(clock);
    // What is seen depends on these alone; running bars grow with the clock while it is in view.
    const moving = clock >= from && clock <= to;
    const picture = `${from} ${to} ${timeline.version} ${moving ? clock : ""}`;
    // What is told of the picture changes with workers, not with frames; until it is told, the picture is not done.
    const tells = at - this.#toldAt >= TELL_MS;
    const isDone = picture === this.#painted && (this.#isTold || !tells);
    if (this.#width === 0 || (isDone && this.#isMarked)) return;
    if (!isDone && tells) this.#layOut(at, from, to);
    const scene: Scene = {
      rows: this.#rows,
      from,
      to,
      now: at,
      width: this.#width,
      height: this.#height,
      ratio: this.#ratio,
      palette: this.#palette,
      marked: this.#marked && timeline.current(this.#marked),
      pointed: pointedAt.peek(),
    };
    if (!isDone) {
      this.#painted = picture;
      this.#isTold = tells;
      const seen = paintLanes(this.#context, scene);
      if (tells) this.#options.onPainted(seen);
    }
    const isBare = scene.marked === undefined && scene.pointed === undefined;
    if (this.#isMarked && isBare) return;
    // What moves on is painted once more with the picture below it.
    this.#isMarked = isBare || isDone;
    paintMarkedOf(this.#marking, scene);
  }

  /** Finds the lanes of workers that live in the span that is seen, and where they stand. */
  #layOut(at: number, from: number, to: number): void {
    this.#toldAt = at;
    const { executor } = this.#options;
    const named = executors
      .peek()
      .filter(({ name }) => executor === undefined || name === executor);
    this.#rows = rowsOf(timeline.lanesIn(from, to, executor), named, { from, to });
    this.#options.onRows(this.#rows);
  }
}
