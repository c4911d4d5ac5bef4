// Cases of every option that is a number: one rule says what is refused, and by which error (modules/core/checks.ts).
import assert from "node:assert/strict";
import {
  asCompleted,
  Future,
  PoolExecutor,
  type PoolOptions,
  TaskGroup,
  wait,
} from "../../../mod.ts";
import { withOwnWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import type { Subject } from "../subject.ts";
import { arithmetic } from "../tasks.ts";

type Wrong = readonly [value: unknown, error: "RangeError" | "TypeError"];

const NO_NUMBERS: readonly Wrong[] = [
  ["2", "TypeError"],
  [null, "TypeError"],
  [2n, "TypeError"],
  [{}, "TypeError"],
];
const BELOW_ZERO: readonly Wrong[] = [
  [-1, "RangeError"],
  [Number.NEGATIVE_INFINITY, "RangeError"],
];
/** What is counted is a whole number. */
const COUNT: readonly Wrong[] = [
  ...NO_NUMBERS,
  ...BELOW_ZERO,
  [1.5, "TypeError"],
  [-0.5, "TypeError"],
  [Number.NaN, "TypeError"],
];
const MEASURE: readonly Wrong[] = [...NO_NUMBERS, ...BELOW_ZERO, [Number.NaN, "RangeError"]];
const ZERO: Wrong = [0, "RangeError"];
const NO_LIMIT: Wrong = [Number.POSITIVE_INFINITY, "RangeError"];

/** What is refused, by the option's name. */
const OF_EXECUTORS = {
  maxWorkers: [...COUNT, ZERO],
  maxQueue: COUNT,
  interruptGrace: MEASURE,
} satisfies Readonly<Record<string, readonly Wrong[]>>;
const OF_POOLS = {
  minWorkers: [...COUNT, NO_LIMIT],
  maxTasksPerWorker: [...COUNT, ZERO],
  idleTimeout: MEASURE,
  startTimeout: MEASURE,
  heartbeat: [...MEASURE, ZERO],
} satisfies Readonly<Record<string, readonly Wrong[]>>;
const MEMORY_LIMIT: readonly Wrong[] = [...MEASURE, ZERO];

/** The options that are no numbers: the compiler refuses this line until one that is new is entered here, or above. */
type NoNumbers =
  | ("name" | "onError" | "perKey" | "rate" | "captureConsole" | "debug")
  | ("initializer" | "initializerArgs" | "finalizer" | "onWorkerDeath");
null satisfies Exclude<
  keyof PoolOptions,
  keyof typeof OF_EXECUTORS | keyof typeof OF_POOLS | NoNumbers
> extends never
  ? null
  : "an option of PoolOptions is in no table";

/** Which executors have `memoryLimit`. */
function hasMemoryLimit({ executorName, name }: Subject): boolean {
  return executorName === "ProcessPoolExecutor" || /^ThreadPoolExecutor on (Deno|Node)/.test(name);
}

/** Cases of options that are numbers. */
export const numbersCases: readonly ConformanceCase[] = [
  {
    id: "cf-numbers-executor",
    title:
      "every numeric option of an executor is refused by one rule: wrong type, or out of range",
    applies: withOwnWorkers(),
    async run(context) {
      const { subject } = context;
      const { workers } = subject.traits;
      const table = {
        ...OF_EXECUTORS,
        ...(workers ? OF_POOLS : {}),
        ...(hasMemoryLimit(subject) ? { memoryLimit: MEMORY_LIMIT } : {}),
      };
      for (const [option, wrong] of Object.entries(table)) {
        await refuses(option, wrong, (value) => subject.create({ [option]: value }));
      }
      const limit: readonly Wrong[] = [...COUNT, ZERO, NO_LIMIT];
      await refuses("maxRunning", limit, (maxRunning) =>
        subject.create({ perKey: { maxRunning: maxRunning as number } }),
      );
      const rate = { limit: 1, per: 1, burst: 1 };
      const ofRate = (option: string, wrong: readonly Wrong[]) =>
        refuses(option, wrong, (value) => subject.create({ rate: { ...rate, [option]: value } }));
      await ofRate("limit", limit);
      await ofRate("burst", limit);
      await ofRate("per", [...MEASURE, ZERO, NO_LIMIT]);
      const executor = context.create({ maxWorkers: 1 });
      assert.ok(executor instanceof PoolExecutor);
      await refuses("maxWorkers", [...COUNT, ZERO], (value) => executor.resize(value as number));
    },
  },
  {
    id: "cf-numbers-calls",
    title: "every numeric option of a call is refused by the same rule",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { square } = arithmetic;
      const ofTask = (options: object) => square.with(options);
      await refuses("timeout", MEASURE, (timeout) => ofTask({ timeout }));
      await refuses("delay", [...MEASURE, NO_LIMIT], (delay) => ofTask({ delay }));
      await refuses("ttl", MEASURE, (ttl) => ofTask({ ttl }));
      await refuses("priority", [...NO_NUMBERS, [Number.NaN, "RangeError"]], (priority) =>
        ofTask({ priority }),
      );
      // A record is another way to give it.
      const limits: readonly Wrong[] = [...COUNT, NO_LIMIT];
      await refuses(
        "retries",
        limits.filter(([value]) => typeof value !== "object" || value === null),
        (retries) => ofTask({ retries }),
      );
      const retries = { limit: 1, delay: 1 };
      const ofRetries = (option: string, wrong: readonly Wrong[]) =>
        refuses(option, wrong, (value) => ofTask({ retries: { ...retries, [option]: value } }));
      await ofRetries("limit", limits);
      await ofRetries("delay", MEASURE);
      await ofRetries("maxDelay", MEASURE);
      await ofRetries("factor", [...MEASURE, ZERO, [0.5, "RangeError"], NO_LIMIT]);

      const ofMap = (options: object) => executor.map(square, [1], options);
      await refuses("bufferSize", [...limits, ZERO], (bufferSize) => ofMap({ bufferSize }));
      await refuses("chunkSize", [...limits, ZERO], (chunkSize) => ofMap({ chunkSize }));
      await refuses("timeout", MEASURE, (timeout) => ofMap({ timeout }));

      const done = new Future<number>();
      done.setResult(1);
      for (const future of [new Future<number>(), done]) {
        const waits: ((options: never) => unknown)[] = [
          (options) => future.result(options),
          (options) => future.exception(options),
          (options) => wait([future], options),
          (options) => asCompleted([future], options),
        ];
        for (const waitFor of waits)
          await refuses("timeout", MEASURE, (timeout) => waitFor({ timeout } as never));
      }
      await refuses("timeout", MEASURE, (timeout) => executor.shutdown({ timeout } as never));

      const ofGroup = (options: object) => new TaskGroup(executor, options);
      await refuses("maxRunning", [...COUNT, ZERO], (maxRunning) => ofGroup({ maxRunning }));
      await refuses("deadline", MEASURE, (deadline) => ofGroup({ deadline }));
      assert.equal(await executor.submit(square, 2), 4, "it was not shut down");
    },
  },
];

/** Asserts that `use` throws or rejects for each value, by an error that names the option and what was given. */
async function refuses(
  option: string,
  wrong: readonly Wrong[],
  use: (value: unknown) => unknown,
): Promise<void> {
  for (const [value, name] of wrong) {
    const got = typeof value === "number" ? `${value}` : "(string|null|bigint|Object)";
    await assert.rejects(
      async () => await use(value),
      {
        name,
        message: new RegExp(
          `^Cannot use (retries\\.|rate\\.|perKey\\.)?${option}: expected .+, got ${got}$`,
        ),
      },
      `${option}: ${String(value)}`,
    );
  }
}
