// Draws the live view: how far a run is, in a few lines that fit the terminal.

import { fit, plainLine, textWidth } from "./text_width.ts";

/** What is shown. */
export interface Status {
  readonly done: number;
  readonly failed: number;
  /** How many an earlier run had done. */
  readonly skipped: number;
  /** How many there are; undefined while the input has not ended. */
  readonly total: number | undefined;
  /** Milliseconds since the beginning. */
  readonly ms: number;
  /** Results in a second, lately. */
  readonly rate: number;
  /** What runs: the longest first. */
  readonly running: readonly {
    readonly label: string;
    readonly ms: number;
    readonly slot: number;
  }[];
  /** What is said of the end: "Ctrl-C again interrupts". */
  readonly note: string | undefined;
}

/** How it is drawn. */
export interface FrameOptions {
  readonly columns: number;
  readonly color: boolean;
  /** A line for each running job, as many as fit. */
  readonly verbose: boolean;
  readonly rows: number;
}

/** A bar is never wider: beyond, it says no more. */
const WIDEST_BAR = 40;
const NARROWEST_BAR = 5;

/** Draws the lines. None is wider than the terminal. */
export function drawFrame(
  status: Status,
  { columns, color, verbose, rows }: FrameOptions,
): string[] {
  const width = Math.max(1, columns - 1);
  const lines = [headLine(status, width, color)];
  const longest = status.running[0];
  if (verbose) {
    const shown = status.running.slice(0, Math.max(1, rows - 3));
    for (const { label, ms, slot } of shown)
      lines.push(
        dim(
          fit(`${String(slot).padStart(3)} ${duration(ms).padStart(6)} ${plainLine(label)}`, width),
          color,
        ),
      );
  } else if (longest !== undefined) {
    lines.push(
      dim(fit(`longest ${duration(longest.ms)}: ${plainLine(longest.label)}`, width), color),
    );
  }
  if (status.note !== undefined) lines.push(bold(fit(status.note, width), color));
  return lines;
}

function headLine(status: Status, width: number, color: boolean): string {
  const { done, failed, total, rate, running } = status;
  const ended = done + failed + status.skipped;
  const parts = [
    // Of a total, failed ones are a part; without one, they stand beside what is done, as in the summary.
    total === undefined ? `${count(ended - failed)} done` : `${count(ended)}/${count(total)}`,
    failed > 0 ? `${count(failed)} failed` : undefined,
    `${count(running.length)} running`,
    rate > 0 ? `${rateText(rate)}/s` : undefined,
    timeLeft(status, ended),
  ].filter((part) => part !== undefined);
  // What matters least goes first, when there is no room.
  while (parts.length > 1 && textWidth(parts.join("  ")) > width) parts.pop();
  const text = fit(parts.join("  "), width);
  const paint = (line: string) =>
    failed > 0 ? line.replace(`${count(failed)} failed`, (part) => red(part, color)) : line;
  const most = Math.min(WIDEST_BAR, width - textWidth(text) - 7);
  // In steps: it would twitch with each figure behind it.
  const room = most - (most % NARROWEST_BAR);
  if (total === undefined || total === 0 || room < NARROWEST_BAR) return paint(text);
  const share = Math.min(1, ended / total);
  const percent = `${Math.floor(share * 100)}%`.padStart(5);
  return `${bar(share, room, color)}${percent}  ${paint(text)}`;
}

function bar(share: number, width: number, color: boolean): string {
  const full = Math.round(share * width);
  return green("█".repeat(full), color) + dim("░".repeat(width - full), color);
}

function timeLeft({ total, rate, ms }: Status, ended: number): string | undefined {
  if (total === undefined || rate <= 0 || ended >= total) return `for ${duration(ms)}`;
  return `${duration(((total - ended) / rate) * 1000)} left`;
}

/** A time for people: 950ms, 12s, 3m05s, 2h10m. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

/** A count with thin gaps: 1 000 000. */
export function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** A rate, as exact as it means anything. */
export function rateText(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : count(Math.round(rate));
}

function paint(text: string, code: number, color: boolean): string {
  return color && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
}
const dim = (text: string, color: boolean) => paint(text, 2, color);
const bold = (text: string, color: boolean) => paint(text, 1, color);
const red = (text: string, color: boolean) => paint(text, 31, color);
const green = (text: string, color: boolean) => paint(text, 32, color);
