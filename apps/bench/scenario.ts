// What a scenario is: a measurement, its sizes, its goals, and who takes part.

import type { Adapter, OpenOptions, Pool } from "./contender.ts";

/** The runtimes the bench starts. */
export type Runtime = "deno" | "bun" | "python";

/**
 * Who a contender is.
 *
 * - `us`: this library; its goals are judged.
 * - `single`, `pipelined`, `batched`: the naked transport, one at a time, 256 in flight, 256 per message.
 * - `peer`: a library that queues tasks for workers.
 * - `other`: for information; nobody is compared to it.
 */
export type Kind = "us" | "single" | "pipelined" | "batched" | "peer" | "other";

/** What the workers of a contender are; `loop`: turns of the host's own event loop. */
export type WorkerKind = "threads" | "processes" | "loop";

/** Figures of one run, by metric. */
export type Metrics = Record<string, number>;

/** What a measurement is given. */
export interface Stage {
  readonly adapter: Adapter;
  readonly size: number;
  /** How long the import of the adapter, and with it of the library, took. */
  readonly importMs: number;
}

/** A goal of ours. The figure judged is our metric, divided by that of `against` if there is one. */
export interface Goal {
  readonly runtime: Runtime;
  /** Whether it is a goal of our threads or our processes. Default: of both. */
  readonly workers?: WorkerKind;
  readonly metric: string;
  /** The best contender of this kind whose workers are of the same kind, if that is said; none for an absolute goal. */
  readonly against?: Kind;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** The best round is judged instead of the median: where all that disturbs can only make the figure worse. */
  readonly bestRound?: boolean;
  /** A share by which the figure may miss the goal, where only noise can tell the sides apart. Default: 0. */
  readonly noise?: number;
}

/** One scenario: a row of the table of goals. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Metrics and their units, in the order of the columns. The first is the one contenders are compared by. */
  readonly metrics: Readonly<Record<string, string>>;
  readonly kinds: readonly Kind[];
  /** Default: all. */
  readonly runtimes?: readonly Runtime[];
  /** Only contenders whose workers are of this kind. Default: all but those of the event loop. */
  readonly workers?: WorkerKind;
  readonly size: number;
  /** The size with `--quick`. Default: `size`. */
  readonly quickSize?: number;
  /** Where a size is given, other libraries are measured at this one: they would take minutes. Figures are per task. */
  readonly peerSize?: number;
  /** How many rounds are run at most, or exactly for a cold scenario; with `--quick` never more than others. */
  readonly rounds?: number;
  /** Milliseconds after which a contender counts as hanging. Default: 60 000. */
  readonly deadline?: number;
  /** Whether it needs `gc` on Deno. */
  readonly collectsGarbage?: boolean;
  /** Whether it asks programs of the system. */
  readonly startsPrograms?: boolean;
  readonly goals: readonly Goal[];
  /** Measures; throws if a result is wrong. */
  measure(stage: Stage): Promise<Metrics>;
}

/** The size of a run. */
export function sizeOf({ size, quickSize = size }: Scenario, quick: boolean): number {
  return quick ? quickSize : size;
}

/** Thrown by a measurement that the contender has no way to take part in. */
export class NotApplicable extends Error {
  override name = "NotApplicable";
}

/**
 * Measures in a pool that did half of the work before, unmeasured, so that every contender is equally warm: workers
 * have started and the compilers have seen the code.
 */
export function measureWarm(
  options: OpenOptions,
  measure: (pool: Pool, size: number) => Promise<Metrics>,
): Scenario["measure"] {
  return async ({ adapter, size }) => {
    const pool = await adapter.open(options);
    await measure(pool, Math.ceil(size / 2));
    return await measure(pool, size);
  };
}

/** The numbers from 0 to `count - 1`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Checks the results of `increment` for the numbers from 0 to `count - 1`. */
export function assertIncremented(results: readonly unknown[], count: number): void {
  let sum = 0;
  for (const result of results) sum += result as number;
  const expected = (count * (count + 1)) / 2;
  if (results.length !== count || sum !== expected) {
    throw new RangeError(
      `Wrong results: ${results.length} of ${count}, sum ${sum} instead of ${expected}`,
    );
  }
}

/** Measures how long `action` takes, in microseconds for each of `count`. */
export async function microsecondsEach(
  count: number,
  action: () => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  await action();
  return ((performance.now() - start) * 1000) / count;
}
