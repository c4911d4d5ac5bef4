// The race: the same 64 tiles on each executor, one after another, with the clock running.

import { batch, computed, signal } from "@preact/signals";
import { executors } from "../../../../modules/dashboard/page/live.ts";
import { reasonOf } from "../../../../modules/dashboard/page/notices.ts";
import { kindOf } from "../catalogue.ts";
import { workersHere } from "../here/jobs_here.ts";
import { HERE } from "../here/kinds_here.ts";
import { draw, KIND, wake } from "./draw.ts";
import { clear, part, put } from "./mosaic.ts";
import type { Part } from "./plane.ts";

/** Who can run in the race. */
export interface Racer {
  /** The executor's, or this page's. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly workers: number;
}

/** How it went for one of them. */
export interface Standing {
  readonly state: "waits" | "starts" | "runs" | "done" | "failed";
  readonly tiles: number;
  /** Of this page's clock, in milliseconds, while it runs. */
  readonly since?: number;
  readonly ms?: number;
  readonly why?: string;
}

const WAITS: Standing = { state: "waits", tiles: 0 };

/** By the racers' names. */
export const standings = signal<ReadonlyMap<string, Standing>>(new Map());

/** What goes on: a race over all, or one drawing. */
export const underWay = signal<"race" | "drawing" | undefined>(undefined);

/** The one that draws, or drew last. */
export const drawer = signal<string | undefined>(undefined);

let stopping = new AbortController();

/** Those that can run it here: those that take turns on one thread first, then the others, and this page. */
export const racers = computed<readonly Racer[]>(() => {
  const able = kindOf(KIND)?.executors ?? [];
  const there = executors.value
    .filter(({ name, intake }) => able.includes(name) && intake === "open")
    .map(({ name, type, sharesEventLoop, maxWorkers }) => {
      const workers = sharesEventLoop ? 1 : (maxWorkers ?? 1);
      return { name, workers, ...wordsOf(type, sharesEventLoop, workers) };
    });
  if (there.length === 0) return [];
  const cores = workersHere.value ?? navigator.hardwareConcurrency;
  return [
    ...there.filter(({ title }) => title === ONE_THREAD),
    ...there.filter(({ title }) => title !== ONE_THREAD),
    { name: HERE, title: "Your browser", about: workersOf(cores, "Web Worker"), workers: cores },
  ];
});

const ONE_THREAD = "One event loop";

function wordsOf(type: string, isShared: boolean, workers: number) {
  if (isShared) return { title: ONE_THREAD, about: "one thread, tasks take turns" };
  if (/Process/.test(type)) return { title: "Processes", about: workersOf(workers, "process") };
  return { title: "Threads", about: workersOf(workers, "thread") };
}

function workersOf(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}${noun.endsWith("s") ? "es" : "s"}`;
}

/** Those that are through, the fastest first. */
export const ranking = computed<readonly { readonly name: string; readonly ms: number }[]>(() =>
  [...standings.value]
    .flatMap(([name, { ms }]) => (ms === undefined ? [] : [{ name, ms }]))
    .sort((a, b) => a.ms - b.ms),
);

/** Who draws what a reader looks at closer: the fastest whose lanes are seen, else the first that has workers. */
export const zoomer = computed(
  () =>
    (ranking.value.length > 1
      ? ranking.value.find(({ name }) => name !== HERE)?.name
      : undefined) ?? (racers.value[1] ?? racers.value[0])?.name,
);

/** Runs all of them, one after another: at the same time, they would share the processors. */
export async function race(): Promise<void> {
  const all = racers.peek();
  await alone("race", async (signal) => {
    standings.value = new Map(all.map(({ name }) => [name, WAITS]));
    for (const racer of all) {
      if (signal.aborted) break;
      await run(racer, part.peek(), signal);
    }
  });
}

/** Has one of them draw another part of the plane. */
export async function show(next: Part): Promise<void> {
  const racer = racers.peek().find(({ name }) => name === zoomer.peek());
  if (racer === undefined) return;
  stop();
  await alone("drawing", async (signal) => {
    // Times of another part are no times of this one.
    standings.value = new Map();
    await run(racer, next, signal);
  });
}

/** Ends what goes on. What is drawn stays. */
export function stop(): void {
  stopping.abort();
}

async function alone(what: "race" | "drawing", body: (signal: AbortSignal) => Promise<void>) {
  stopping.abort();
  const own = new AbortController();
  stopping = own;
  underWay.value = what;
  try {
    await body(own.signal);
  } finally {
    // Another one may have begun meanwhile.
    if (stopping === own) {
      underWay.value = undefined;
      if (own.signal.aborted) standings.value = stopped(standings.peek());
    }
  }
}

function stopped(all: ReadonlyMap<string, Standing>): Map<string, Standing> {
  const isOpen = ({ state }: Standing) => state === "starts" || state === "runs";
  return new Map(
    [...all].map(([name, standing]) => [
      name,
      isOpen(standing) ? { state: "failed", tiles: standing.tiles, why: "stopped" } : standing,
    ]),
  );
}

async function run(racer: Racer, wanted: Part, signal: AbortSignal): Promise<void> {
  const { name, workers } = racer;
  let tiles = 0;
  const set = (standing: Partial<Standing>) => {
    if (signal.aborted) return;
    const before = standings.peek().get(name) ?? WAITS;
    standings.value = new Map(standings.peek()).set(name, { ...before, ...standing });
  };
  batch(() => {
    drawer.value = name;
    clear(wanted);
    set({ state: "starts", tiles: 0 });
  });
  try {
    await wake(name, workers);
    if (signal.aborted) return;
    const ms = await draw(name, wanted, {
      signal,
      onTile: (at, tile) => {
        if (signal.aborted) return;
        if (standings.peek().get(name)?.state === "starts") {
          set({ state: "runs", since: performance.now() });
        }
        put(at, tile);
        if (tile.state === "done") set({ tiles: ++tiles });
      },
    });
    set({ state: "done", ms });
  } catch (error) {
    set({ state: "failed", why: reasonOf(error) });
  }
}
