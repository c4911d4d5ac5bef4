// Cases of options that are refused when an executor is made.
import assert from "node:assert/strict";
import type { PoolOptions } from "../../../mod.ts";
import { everywhere, withOwnWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { places } from "../tasks.ts";

const REFUSED_EVERYWHERE: readonly [PoolOptions, "RangeError" | "TypeError"][] = [
  [{ maxQueue: -1 }, "RangeError"],
  [{ name: 5 as never }, "TypeError"],
  [{ onError: "log" as never }, "TypeError"],
];

const REFUSED_WITH_WORKERS: readonly [PoolOptions, "RangeError" | "TypeError"][] = [
  [{ maxWorkers: 0 }, "RangeError"],
  [{ maxWorkers: -1 }, "RangeError"],
  [{ maxWorkers: 1.5 }, "TypeError"],
  [{ maxWorkers: Number.NaN }, "TypeError"],
  [{ maxWorkers: "4" as never }, "TypeError"],
];

const REFUSED_BY_POOLS: readonly [PoolOptions, "RangeError" | "TypeError"][] = [
  [{ maxTasksPerWorker: 0 }, "RangeError"],
  [{ maxTasksPerWorker: -1 }, "RangeError"],
  [{ maxTasksPerWorker: 1.5 }, "TypeError"],
  [{ idleTimeout: -1 }, "RangeError"],
  [{ idleTimeout: "soon" as never }, "TypeError"],
  [{ interruptGrace: -1 }, "RangeError"],
  [{ startTimeout: -1 }, "RangeError"],
  [{ startTimeout: Number.NaN }, "RangeError"],
  [{ heartbeat: 0 }, "RangeError"],
  [{ heartbeat: -1 }, "RangeError"],
  [{ heartbeat: "often" as never }, "TypeError"],
  [{ onWorkerDeath: "panic" as never }, "TypeError"],
  [{ initializer: "init" as never }, "TypeError"],
  [{ initializerArgs: 5 as never, initializer: places.remember }, "TypeError"],
];

/** Cases of refused options: each error names the option. */
export const validationCases: readonly ConformanceCase[] = [
  ...REFUSED_EVERYWHERE.map(refusal(everywhere)),
  ...REFUSED_WITH_WORKERS.map(refusal(withOwnWorkers())),
  ...REFUSED_BY_POOLS.map(refusal(withOwnWorkers(withWorkers))),
];

function refusal(applies: ConformanceCase["applies"]) {
  return ([options, name]: readonly [PoolOptions, string]): ConformanceCase => {
    const [[option, value]] = Object.entries(options) as [[string, unknown]];
    return {
      id: `cf-option-${option}-${String(value)}`,
      title: `${option} of ${typeof value} ${String(value)} is a ${name} that names the option`,
      applies,
      run(context) {
        assert.throws(
          () => context.create(options),
          (error) => {
            assert.ok(error instanceof RangeError || error instanceof TypeError);
            assert.match(error.message, new RegExp(option));
            assert.equal(error.name, name);
            return true;
          },
        );
        return Promise.resolve();
      },
    };
  };
}
