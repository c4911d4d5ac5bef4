// Standard error: the live view on a terminal, or a line now and then; and what is said there steps in between.

import process from "node:process";
import { count, drawFrame, duration, rateText, type Status } from "./frame.ts";
import { isTerminal, say } from "./terminal.ts";
import { textWidth } from "./text_width.ts";

/** The view is drawn so often; where there is none, a line is printed so often. */
const DRAW_MS = 100;
const LINE_MS = 10_000;

/** What is printed takes the view's place; it is back at once, but no more often than this. */
const BACK_MS = 20;

/** How much is shown. */
export interface ScreenOptions {
  /** Whether progress is shown at all. */
  readonly progress: boolean;
  readonly verbose: boolean;
}

/** What is shown on standard error. */
export class Screen {
  readonly #isLive: boolean;
  readonly #color: boolean;
  readonly #options: ScreenOptions;
  #status: (() => Status) | undefined = undefined;
  #timer: ReturnType<typeof setInterval> | undefined = undefined;
  /** The lines that stand there now, by their widths. */
  #drawn: number[] = [];
  #drawnAt = 0;
  #backTimer: ReturnType<typeof setTimeout> | undefined = undefined;
  #isAside = false;
  #isClosed = false;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const { NO_COLOR, TERM } = process.env;
    this.#isLive = options.progress && TERM !== "dumb" && isTerminal(2);
    this.#color = this.#isLive && !NO_COLOR;
  }

  /** Whether there is a live view. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Begins to show how far the run is. */
  start(status: () => Status): void {
    this.#status = status;
    if (!this.#options.progress) return;
    const show = this.#isLive ? () => this.#draw() : () => this.#printLine();
    this.#timer = setInterval(show, this.#isLive ? DRAW_MS : LINE_MS);
    this.#timer.unref?.();
    if (this.#isLive) process.stderr.on("resize", this.#onResize);
  }

  /** Prints something above the view. */
  print(text: string | Uint8Array): void {
    if (text.length === 0) return;
    this.#erase();
    say(text);
    this.#drawSoon();
  }

  /** Steps aside while something else is written to the terminal. */
  stepAside(): void {
    this.#isAside = true;
    this.#erase();
  }

  /** Comes back. */
  comeBack(): void {
    this.#isAside = false;
    this.#drawSoon();
  }

  /** Shows what has just changed. */
  refresh(): void {
    if (this.#isLive) this.#draw();
  }

  /** Ends the view; nothing of it is left. */
  close(): void {
    if (this.#isClosed) return;
    this.#erase();
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#backTimer);
    if (this.#isLive) process.stderr.off("resize", this.#onResize);
  }

  readonly #onResize = () => {
    this.#erase();
    this.#draw();
  };

  #drawSoon(): void {
    if (!this.#isLive || this.#isClosed || this.#backTimer !== undefined) return;
    const wait = this.#drawnAt + BACK_MS - performance.now();
    if (wait <= 0) return this.#draw();
    this.#backTimer = setTimeout(() => {
      this.#backTimer = undefined;
      this.#draw();
    }, wait);
    this.#backTimer.unref?.();
  }

  #draw(): void {
    if (this.#isClosed || this.#isAside || this.#status === undefined) return;
    const options = { ...size(), color: this.#color, verbose: this.#options.verbose };
    this.#drawnAt = performance.now();
    const lines = drawFrame(this.#status(), options);
    // Over what stands there, line by line: erasing it first would flicker. The cursor is left where the last line begins: the
    // terminal shows a Ctrl-C where the cursor is, and at the end of a line that is full it would go on to the next.
    say(`${this.#toTop()}${lines.map((line) => `${line}\x1b[K`).join("\n")}\x1b[J\r`);
    this.#drawn = lines.map((line) => textWidth(withoutColor(line)));
  }

  #erase(): void {
    if (this.#drawn.length === 0) return;
    say(`${this.#toTop()}\x1b[J`);
    this.#drawn = [];
  }

  /** Moves to where the view begins. A terminal that became narrower has wrapped its lines. */
  #toTop(): string {
    if (this.#drawn.length === 0) return "";
    const { columns } = size();
    const rows = this.#drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    return rows > 1 ? `\r\x1b[${rows - 1}A` : "\r";
  }

  #printLine(): void {
    if (this.#status === undefined) return;
    const { done, failed, skipped, total, rate, running, ms } = this.#status();
    const of = total === undefined ? "" : ` of ${count(total)}`;
    say(
      `futures: ${count(done + skipped + (total === undefined ? 0 : failed))}${of} done, ${count(failed)} failed, ${running.length} running, ${rateText(rate)}/s, ${duration(ms)}\n`,
    );
  }
}

/** How large the terminal is. One that was never told says 0. */
function size(): { readonly columns: number; readonly rows: number } {
  const { columns, rows } = process.stderr;
  return { columns: columns || 80, rows: rows || 24 };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colors are made of
const COLOR = /\x1b\[\d+m/g;

function withoutColor(line: string): string {
  return line.replace(COLOR, "");
}
