// Hostile programs: ordinary calls among calls that carry, give back, throw and are cancelled for what fights back.

import type { Subject } from "../../testing/subject.ts";
import type { HostileToll } from "../hostile/open_calls.ts";
import { type HostileRun, runHostile } from "../hostile/program.ts";
import { shrink } from "../hostile/shrink.ts";
import { drawSteps, type Step } from "../hostile/steps.ts";
import type { Fault } from "./fault.ts";

/** On each executor, in a long run. */
const CALLS = 100_000;
/** In a short one: what comes to light at all does so within some hundreds. */
const SHORT_CALLS = 2500;
const STEPS = 1000;
/** The same each time, where a test command must say the same each time. */
const SHORT_SEED = 11;
const PROGRESS_EVERY_MS = 10_000;
/** Once it is known to hang, it is asked again with less patience, in milliseconds. */
const SHRINK_STILL_MS = 10_000;

/** Faults of values that fight back. */
export const hostileFaults: readonly Fault[] = [
  {
    id: "hostile",
    title:
      "random programs of hostile arguments, results, errors, lists and reasons: each call settles once, as itself, in its turn",
    applies: () => true,
    async run(scene) {
      const total: HostileToll = { calls: 0, values: 0, failures: 0, cancelled: 0 };
      const started = performance.now();
      const least = scene.amount(SHORT_CALLS, CALLS);
      const { seconds } = scene;
      const first = scene.isLong ? scene.seed : SHORT_SEED;
      const isEnough = () =>
        scene.isLong && seconds !== undefined
          ? performance.now() - started > seconds * 1000
          : total.calls >= least;
      let toldAt = started;
      let programs = 0;
      for (; !isEnough(); programs++) {
        const seed = first + programs;
        const steps = drawSteps(seed, STEPS);
        const run = runOf(scene, seed);
        try {
          const toll = await runHostile(steps, run);
          for (const key of Object.keys(total) as (keyof HostileToll)[]) total[key] += toll[key];
        } catch (cause) {
          throw await explain(seed, steps, run, cause as Error);
        }
        if (performance.now() - toldAt < PROGRESS_EVERY_MS) continue;
        toldAt = performance.now();
        scene.progress(tell(total));
      }
      scene.note(`${tell(total)}; ${programs} programs from seed ${first}`);
      const pool = scene.create({ maxWorkers: 2 });
      scene.strike();
      await scene.recover(pool);
    },
  },
];

/** The same seed decides how a program is run. */
function runOf({ subject }: { readonly subject: Subject }, seed: number): HostileRun {
  return {
    create: (options) => subject.create(options),
    traits: subject.traits,
    maxWorkers: seed % 3 === 2 ? 3 : 1,
    isObserved: seed % 2 === 0,
  };
}

/** An error that names the seed, and the shortest program that still fails. */
async function explain(
  seed: number,
  steps: readonly Step[],
  run: HostileRun,
  cause: Error,
): Promise<Error> {
  const fails = (part: readonly Step[]) =>
    runHostile(part, { ...run, stillMs: SHRINK_STILL_MS }).then(
      () => undefined,
      (error: Error) => error.message,
    );
  const { part, failure } = await shrink(steps, cause.message, fails);
  const program = part.map((step) => JSON.stringify(step)).join("\n    ");
  return new Error(
    `Program with seed ${seed} failed: ${cause.message}\n  Of ${steps.length} steps these fail by themselves, ` +
      `on ${run.maxWorkers} workers: ${failure}\n    ${program}`,
    { cause },
  );
}

function tell({ calls, values, failures, cancelled }: HostileToll): string {
  return `${calls} calls: ${values} values, ${failures} refused or thrown, ${cancelled} cancelled`;
}
