// Deeds: what a random program does to a pool. One number decides one deed, whoever does it: the model over workers of its
// own (model.ts), or chaos over real ones (../faults/chaos.ts).

import type { PoolExecutor } from "../../../mod.ts";
import { expectRefusal, readMap } from "./calls.ts";

/** What a call's task does. "moody" is short as a rule, so that several are sent ahead, and now and then holds them up. */
export const TASK_KINDS = ["short", "throws", "held", "polite", "moody", "moody"] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** How a pool is shut down. */
export const ENDS = ["shutdown", "cancel", "timeout", "terminate"] as const;

/** One of a program's steps. `which` chooses among whatever there is to choose from. */
export type Deed =
  | {
      readonly kind: "submit";
      readonly task: TaskKind;
      /** How many at once. */
      readonly count: number;
      readonly retries: number;
      /** Pause before the first retry, in milliseconds. */
      readonly delay: number;
      readonly timeout: number | undefined;
      readonly priority: number;
    }
  | { readonly kind: "cancel"; readonly interrupt: boolean; readonly which: number }
  | { readonly kind: "letGo"; readonly which: number }
  | { readonly kind: "deliverToHost"; readonly which: number }
  | { readonly kind: "deliverToWorker"; readonly which: number }
  | { readonly kind: "passTime" }
  | { readonly kind: "kill"; readonly which: number }
  | { readonly kind: "exit"; readonly which: number }
  | { readonly kind: "resize"; readonly maxWorkers: number }
  | { readonly kind: "terminateWorker"; readonly which: number }
  | { readonly kind: "spoilStart"; readonly which: number }
  | {
      readonly kind: "map";
      readonly count: number;
      readonly chunkSize: number | "auto";
      /** How many results are read. */
      readonly most: number;
    }
  | { readonly kind: "shutDown"; readonly how: (typeof ENDS)[number] }
  | { readonly kind: "nothing" };

/** Reads the deed out of a number. */
export function deedOf(choice: number): Deed {
  let rest = choice;
  /** Takes a number below `limit` out of the choice. */
  const pick = (limit: number) => {
    const picked = rest % limit;
    rest = Math.floor(rest / limit);
    return picked;
  };
  const kind = pick(100);
  if (kind < 22) {
    const task = TASK_KINDS[pick(TASK_KINDS.length)] as TaskKind;
    const retries = pick(4) === 0 ? 1 + pick(2) : 0;
    const delay = pick(2) === 0 ? 0 : 5;
    const timeout = pick(6) === 0 ? 10 : undefined;
    const priority = pick(8) === 0 ? 1 : 0;
    const count = pick(8) === 7 ? 30 : 1;
    return { kind: "submit", task, count, retries, delay, timeout, priority };
  }
  if (kind < 32) return { kind: "cancel", interrupt: kind >= 26, which: rest };
  if (kind < 46) return { kind: "letGo", which: rest };
  if (kind < 62) return { kind: "deliverToHost", which: rest };
  if (kind < 78) return { kind: "deliverToWorker", which: rest };
  if (kind < 88) return { kind: "passTime" };
  if (kind < 91) return { kind: "kill", which: rest };
  if (kind < 93) return { kind: "exit", which: rest };
  if (kind < 95) return { kind: "resize", maxWorkers: 1 + pick(4) };
  if (kind < 96) return { kind: "terminateWorker", which: rest };
  if (kind < 98) return { kind: "spoilStart", which: rest };
  if (kind < 99) {
    const count = 1 + pick(6);
    const chunkSize = pick(2) === 0 ? ("auto" as const) : 2;
    return { kind: "map", count, chunkSize, most: pick(3) === 0 ? 1 : count };
  }
  if (pick(6) !== 0) return { kind: "nothing" };
  return { kind: "shutDown", how: ENDS[pick(ENDS.length)] as (typeof ENDS)[number] };
}

/** The options of a call. */
export function optionsOf({ retries, delay, timeout, priority }: Deed & { kind: "submit" }) {
  return {
    priority,
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === 0 ? {} : { retries: delay === 0 ? retries : { limit: retries, delay } }),
  };
}

/** Maps a task that doubles; resolves when as many results are read as the deed wants. A pool may refuse it. */
export async function doMap(
  pool: PoolExecutor,
  double: Parameters<typeof pool.map<number, number>>[0],
  { count, chunkSize, most }: Deed & { kind: "map" },
): Promise<void> {
  let results: ReturnType<typeof pool.map<number, number>>;
  try {
    const items = Array.from({ length: count }, (_, n) => n);
    results = pool.map(double, items, { chunkSize });
  } catch (error) {
    expectRefusal(error);
    return;
  }
  await readMap(results, most);
}

/** Shuts a pool down. */
export function doShutDown(
  pool: PoolExecutor,
  { how }: Deed & { kind: "shutDown" },
): Promise<void> {
  const ends = {
    shutdown: () => pool.shutdown(),
    cancel: () => pool.shutdown({ cancelFutures: true }),
    timeout: () => pool.shutdown({ timeout: 20 }),
    terminate: () => pool.terminateWorkers(),
  };
  return ends[how]();
}
