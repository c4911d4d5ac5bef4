// tryValues: sends every kind of value to a worker and back, and says what becomes of it.
import type { Executor } from "../../mod.ts";
import { type Specimen, specimens, tellOf } from "./fixtures/specimens.ts";
import { values } from "./tasks.ts";

/** What becomes of a kind of value on its way. */
export interface ValueTrial {
  /** Which kind, and under which heading it stands. */
  readonly name: string;
  /** The heading. */
  readonly group: string;
  /**
   * `whole`; `partly`, where the kind says what it loses; `refused`, by a `DataCloneError` that names task and path;
   * `absent`, where the runtime has no such value; or else what is wrong.
   */
  readonly outcome: string;
}

const DEEP = 'deep\\[0\\]\\.get\\("key"\\)';
/** In a page only the platform can tell a proxy, and it knows no path. */
const BY_PLATFORM = /^Cannot (send|return from) task "\w+": .*could not be cloned\.$/s;
const REFUSED = [
  /^Cannot send task "take": argument 2(, \S+)? is an? .+, which cannot cross to a (process|thread)$/,
  new RegExp(
    `^Cannot send task "takeNested": argument 2, ${DEEP}\\S* is an? .+, which cannot cross to a (process|thread)$`,
  ),
  new RegExp(
    `^Cannot return from task "giveNested": result\\.${DEEP}\\S* is an? .+, which cannot cross from a (process|thread)$`,
  ),
  /^Cannot return from task "give": result\S* is an? .+, which cannot cross from a (process|thread)$/,
];

/**
 * Tries each kind of value in four ways: as an argument and as a result, by itself and within others.
 *
 * @param executor Whose workers are tried.
 * @returns What becomes of each kind.
 */
export async function tryValues(executor: Executor): Promise<ValueTrial[]> {
  const trials: ValueTrial[] = [];
  for (const specimen of specimens) {
    const { name, group } = specimen;
    trials.push({ name, group, outcome: await outcomeOf(executor, specimen) });
  }
  return trials;
}

async function outcomeOf(executor: Executor, specimen: Specimen): Promise<string> {
  const { name, make } = specimen;
  let value: unknown;
  try {
    value = make();
  } catch {
    return "absent";
  }
  const told = tellOf(name, value);
  const nested = { deep: [new Map([["key", value]])] as [Map<string, unknown>] };
  const ways = [
    () => executor.submit(values.take, name, value),
    () => executor.submit(values.takeNested, name, nested),
    () => executor.submit(values.giveNested, name).then((got) => tellOf(name, within(got))),
    () => executor.submit(values.give, name).then((got) => tellOf(name, got)),
  ];
  if (specimen.isUnreturnable === true) ways.pop();
  const outcomes = await Promise.all(
    ways.map(async (cross, way) => {
      try {
        const got = await cross();
        if (got === told) return "whole";
        return specimen.loses === undefined ? `arrives as ${got} instead of ${told}` : "partly";
      } catch (error) {
        return refusal(error, way, name.startsWith("proxy"));
      }
    }),
  );
  const [outcome = ""] = outcomes;
  return new Set(outcomes).size === 1 ? outcome : `differs by its way: ${outcomes.join(" | ")}`;
}

function within(value: unknown): unknown {
  return (value as { deep: [Map<string, unknown>] }).deep[0].get("key");
}

function refusal(error: unknown, way: number, isProxy: boolean): string {
  const { name, message } = error as Error;
  if (name !== "DataCloneError") return `fails by ${String(error)}`;
  const isTold = REFUSED[way]?.test(message) === true || (isProxy && BY_PLATFORM.test(message));
  return isTold ? "refused" : `is refused by "${message}"`;
}
