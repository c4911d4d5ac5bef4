// rowsOf: what stands where in the lanes: each executor under a heading, those that do something first.

import type { Lane } from "./timeline.ts";

/** The height of the ruler above all rows, in CSS pixels; and those of rows. */
export const RULER = 26;
export const HEADING = 26;
const LANE = 28;

/** A turn of a loop is no worker that runs beside others: it has a thin row. */
const TURN = 12;

/** Where the bars of a row are, from its upper edge, and how high; and whether there is room for their time in the queue. */
export interface Shape {
  readonly height: number;
  readonly barTop: number;
  readonly bar: number;
  readonly hasQueue: boolean;
}

const OF_WORKER: Shape = { height: LANE, barTop: 4, bar: 16, hasQueue: true };
const OF_TURN: Shape = { height: TURN, barTop: 2, bar: 8, hasQueue: false };

/** An executor, above its lanes. One that is idle has no other row. */
export interface HeadingRow {
  readonly what: "heading";
  readonly executor: string;
  readonly isIdle: boolean;
  /** Its upper edge, in CSS pixels of the picture. */
  readonly top: number;
  readonly height: number;
}

export interface LaneRow extends Shape {
  readonly what: "lane";
  readonly lane: Lane;
  readonly isTurn: boolean;
  readonly top: number;
}

export type Row = HeadingRow | LaneRow;

/** As much of an executor as its rows depend on. */
export interface Headed {
  readonly name: string;
  readonly sharesEventLoop: boolean;
}

/** Lays out lanes that live in a span of time, below the ruler, and gives the rows from above. */
export function rowsOf(
  lanes: readonly Lane[],
  executors: readonly Headed[],
  span: { readonly from: number; readonly to: number },
): Row[] {
  const byExecutor = Map.groupBy(lanes, ({ executor }) => executor);
  const known = executors.filter(({ name }) => byExecutor.has(name));
  // Lanes may be told of before their executor is.
  const named = new Set(known.map(({ name }) => name));
  const others = [...byExecutor.keys()].filter((name) => !named.has(name));
  const all = [...known, ...others.map((name) => ({ name, sharesEventLoop: false }))].map(
    (executor) => {
      const own = byExecutor.get(executor.name) ?? [];
      return { ...executor, own, isIdle: !own.some((lane) => isActive(lane, span)) };
    },
  );
  const rows: Row[] = [];
  let top = RULER;
  for (const { name, own, isIdle, sharesEventLoop } of [
    ...all.filter(({ isIdle }) => !isIdle),
    ...all.filter(({ isIdle }) => isIdle),
  ]) {
    rows.push({ what: "heading", executor: name, isIdle, top, height: HEADING });
    top += HEADING;
    if (isIdle) continue;
    const shape = sharesEventLoop ? OF_TURN : OF_WORKER;
    for (const lane of own) {
      rows.push({ what: "lane", lane, isTurn: sharesEventLoop, top, ...shape });
      top += shape.height;
    }
  }
  return rows;
}

/** Where the lowest row ends. */
export function heightOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return last === undefined ? RULER : last.top + last.height;
}

/** The lane at a height of the picture. */
export function laneAt(rows: readonly Row[], y: number): LaneRow | undefined {
  const row = rows.find(({ top, height }) => y >= top && y < top + height);
  return row?.what === "lane" ? row : undefined;
}

export function laneRows(rows: readonly Row[]): LaneRow[] {
  return rows.filter((row) => row.what === "lane");
}

/** Whether a worker runs something in a span of time, or ends in it. */
function isActive({ bars, diedAt }: Lane, { from, to }: { from: number; to: number }): boolean {
  if (diedAt !== null && diedAt >= from && diedAt <= to) return true;
  // From the newest on, for what is followed is the present.
  for (let i = bars.length - 1; i >= 0; i--) {
    const { startedAt, finishedAt } = bars[i] as Lane["bars"][number];
    if (startedAt > to) continue;
    if (finishedAt === null || finishedAt >= from) return true;
    // Of a worker, bars that began earlier ended earlier.
    return false;
  }
  return false;
}
