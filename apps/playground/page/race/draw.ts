// draw: has 64 jobs of one executor draw the picture, and tells each tile as its worker finishes it.

import { effect } from "@preact/signals";
import type { JobRow } from "../../../../modules/dashboard/contract.ts";
import { cancelMany, fetchJobs } from "../../../../modules/dashboard/page/api.ts";
import { BASE } from "../../../../modules/dashboard/page/base.ts";
import { onRows } from "../../../../modules/dashboard/page/live.ts";
import { isPixels } from "../../../../modules/dashboard/page/parts/picture.tsx";
import { submit } from "../api.ts";
import { changes, type JobHere, runHere } from "../here/jobs_here.ts";
import { HERE } from "../here/kinds_here.ts";
import { textOf } from "../here/run.ts";
import type { Tile } from "./mosaic.ts";
import { type Part, TILE_PIXELS, tilesOf } from "./plane.ts";

/** The kind that draws a tile. */
export const KIND = "mandelbrot";

/** What is heard of a drawing. */
export interface Ear {
  /** What tells of a tile, by its place. */
  onTile(at: number, tile: Tile): void;
  /** Cancels what is left when it aborts. */
  readonly signal: AbortSignal;
}

/** A job, as far as it matters here: of the server or of this page. */
type Standing = Pick<JobRow, "state" | "startedAt" | "finishedAt">;

/**
 * Draws a part of the plane.
 *
 * @returns milliseconds from the start of the first job to the end of the last one.
 * @throws What the executor refuses, and an `Error` if a job failed or was cancelled.
 */
export async function draw(executor: string, part: Part, ear: Ear): Promise<number> {
  return await (executor === HERE ? drawHere(part, ear) : drawThere(executor, part, ear));
}

/** Has each worker of an executor started before the clock runs: how long that takes is not what is raced. */
export async function wake(executor: string, workers: number): Promise<void> {
  if (executor === HERE) return;
  const { batch } = await submit({
    kind: "sleep",
    executor,
    count: Math.max(1, workers),
    parameters: { ms: 30 },
  });
  await watched(batch, () => {});
}

async function drawThere(executor: string, part: Part, { onTile, signal }: Ear): Promise<number> {
  const bodies = tilesOf(part).map((tile) => ({ kind: KIND, executor, parameters: { ...tile } }));
  const { batch, jobs } = await submit(bodies);
  const places = new Map(jobs.map(({ id }, at) => [id, at]));
  const cancel = () => void cancelMany({ batch }, true).catch(() => {});
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const drawn: Promise<void>[] = [];
  const seen = new Set<string>();
  async function show(at: number, id: string): Promise<void> {
    const response = await fetch(new URL(`api/jobs/${id}/pixels`, BASE));
    if (!response.ok) return onTile(at, { state: "failed" });
    onTile(at, { state: "done", pixels: new Uint8Array(await response.arrayBuffer()) });
  }
  const rows = await watched(batch, (row) => {
    const at = places.get(row.id);
    if (at === undefined || seen.has(row.id)) return;
    if (row.state === "running") onTile(at, { state: "running" });
    if (row.finishedAt === null) return;
    seen.add(row.id);
    if (row.state === "finished") drawn.push(show(at, row.id));
    else onTile(at, { state: "failed" });
  });
  signal.removeEventListener("abort", cancel);
  await Promise.all(drawn);
  return timeOf(rows);
}

/** Milliseconds after which the jobs are asked for, whatever was told of them. */
const ASK_MS = 1000;

/** Tells each change of the jobs of a batch, until all are settled; gives them as they are then. */
function watched(batch: string, onRow: (row: JobRow) => void): Promise<JobRow[]> {
  const known = new Map<string, JobRow>();
  const { promise, resolve } = Promise.withResolvers<JobRow[]>();
  let total = Number.POSITIVE_INFINITY;
  function take(rows: readonly JobRow[]): void {
    for (const row of rows) {
      // An answer may be older than what the stream has told meanwhile.
      if (row.batch !== batch || known.get(row.id)?.finishedAt) continue;
      known.set(row.id, row);
      onRow(row);
    }
    const settled = [...known.values()].filter(({ finishedAt }) => finishedAt !== null);
    if (settled.length >= total) resolve(settled);
  }
  /** The stream tells of some jobs only, where many change at once. */
  async function ask(): Promise<void> {
    try {
      const page = await fetchJobs({ batch, limit: 200 });
      total = page.total;
      take(page.jobs);
    } catch {
      // Whoever hears nothing of the server is told so by the page; it is asked again.
    }
  }
  const forget = onRows((rows, more) => {
    take(rows ?? []);
    if (rows === undefined || more > 0) void ask();
  });
  const timer = setInterval(ask, ASK_MS);
  void ask();
  return promise.finally(() => {
    forget();
    clearInterval(timer);
  });
}

async function drawHere(part: Part, { onTile, signal }: Ear): Promise<number> {
  const calls = tilesOf(part).map((tile, at) => ({
    name: KIND,
    args: [tile],
    about: `tile ${at + 1}`,
    parameters: { ...tile },
    options: {},
  }));
  const batch = await runHere("kind", "Mandelbrot mosaic", await textOf("jobs.js"), calls);
  signal.addEventListener("abort", () => batch.cancel(), { once: true });
  if (signal.aborted) batch.cancel();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = effect(() => {
    void changes.value;
    batch.jobs.forEach((job, at) => {
      const tile = tileHere(job);
      if (tile !== undefined) onTile(at, tile);
    });
    if (batch.jobs.every(({ finishedAt }) => finishedAt !== undefined)) resolve();
  });
  await promise;
  stop();
  return timeOf(
    batch.jobs.map(({ state, startedAt = null, finishedAt = null }) => ({
      state,
      startedAt,
      finishedAt,
    })),
  );
}

function tileHere({ state, result }: JobHere): Tile | undefined {
  switch (state) {
    case "pending":
      return undefined;
    case "running":
      return { state };
    case "finished":
      return isPixels(result) && result.width === TILE_PIXELS
        ? { state: "done", pixels: result.pixels }
        : { state: "failed" };
    case "failed":
    case "cancelled":
      return { state: "failed" };
    default:
      return state satisfies never;
  }
}

function timeOf(jobs: readonly Standing[]): number {
  const other = jobs.find(({ state }) => state !== "finished");
  if (other !== undefined) throw new Error(`one of its jobs ${TOLD[other.state]}`);
  const starts = jobs.map(({ startedAt, finishedAt }) => startedAt ?? finishedAt ?? 0);
  return Math.max(...jobs.map(({ finishedAt }) => finishedAt ?? 0)) - Math.min(...starts);
}

const TOLD: Readonly<Record<JobRow["state"], string>> = {
  pending: "has not begun",
  running: "has not ended",
  finished: "finished",
  failed: "failed",
  cancelled: "was cancelled",
};
