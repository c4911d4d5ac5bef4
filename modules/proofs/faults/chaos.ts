// Chaos: random programs on real workers, until there were enough calls and deaths, or the time is over.
import assert from "node:assert/strict";
import { withRealWorkers } from "../../testing/applicability.ts";
import type { Fault } from "./fault.ts";
import { noToll, type ProgramToll, RandomProgram } from "./random_program.ts";

/** On the six executors of Deno, Bun and Node: a million calls, and thousands of deaths. */
const CALLS = 170_000;
const DEATHS = 400;
const PROGRESS_EVERY_MS = 5000;

/** Everything at once. */
export const chaosFaults: readonly Fault[] = [
  {
    id: "chaos",
    title:
      "random programs of calls, cancels, sizes, deaths and ends: each call settles once, and runs as often as it may",
    applies: withRealWorkers,
    async run(scene) {
      const total = noToll();
      const started = performance.now();
      const { seconds } = scene;
      const isEnough = () => {
        if (!scene.isLong) return true;
        if (seconds !== undefined) return performance.now() - started > seconds * 1000;
        return total.calls >= CALLS && total.deaths >= DEATHS;
      };
      const tell = () =>
        `${total.calls} calls, ${total.deaths} deaths: ${total.values} values, ${total.failures} errors, ` +
        `${total.cancelled} cancelled, ${total.lost} with their workers, ${total.broken} with their pools`;
      let programs = 0;
      let toldAt = started;
      do {
        const seed = scene.seed + programs++;
        const program = new RandomProgram(scene, seed, scene.amount(1200, 5000));
        try {
          await program.run();
        } catch (cause) {
          throw new Error(`Program with seed ${seed} failed: ${(cause as Error).message}`, {
            cause,
          });
        }
        const { toll } = program;
        for (const key of Object.keys(total) as (keyof ProgramToll)[]) total[key] += toll[key];
        if (performance.now() - toldAt > PROGRESS_EVERY_MS) {
          toldAt = performance.now();
          scene.progress(tell());
        }
      } while (!isEnough());
      const pool = scene.create({ maxWorkers: 2 });
      scene.strike();
      await scene.recover(pool);
      assert.equal(
        total.values + total.failures + total.cancelled + total.lost + total.broken,
        total.calls,
        "each settled once",
      );
      scene.note(`${tell()}; ${programs} programs from seed ${scene.seed}`);
    },
  },
];
