// Faults of loading: modules that do not load, initializers that do not come to their end.
import assert from "node:assert/strict";
import { BrokenExecutorError, TimeoutError } from "../../../mod.ts";
import { everywhere, withRealWorkers, withWorkers } from "../../testing/applicability.ts";
import {
  absent,
  exitsOnImport,
  missing,
  neverLoads,
  places,
  syntaxError,
  throwsOnImport,
} from "../../testing/tasks.ts";
import { timeToStart } from "../../testing/time_to_start.ts";
import { harm } from "../tasks.ts";
import type { Fault } from "./fault.ts";

const MODULES = [
  ["missing", "that is missing", missing.never, /cannot be imported/],
  ["syntax", "with a syntax error", syntaxError.never, /cannot be imported/],
  ["throws", "that throws on import", throwsOnImport.never, /cannot be imported/],
  ["no-export", "without the export", absent.noSuchExport, /has no export/],
  ["no-function", "whose export is no function", absent.notAFunction, /is not a function/],
] as const;

/** Faults of loading. */
export const loadingFaults: readonly Fault[] = [
  ...MODULES.map(
    ([name, what, task, message]): Fault => ({
      id: `module-${name}`,
      title: `a task module ${what} is an error on the futures concerned`,
      applies: everywhere,
      async run(scene) {
        const pool = await scene.pool();
        const crowd = scene.gather(pool, 20);
        scene.strike();
        for (const future of [pool.submit(task), pool.submit(task)]) {
          assert.match(String(await future.exception()), message);
        }
        await scene.recover(pool);
        await crowd;
        assert.equal(pool.stats().lost, 0);
      },
    }),
  ),
  {
    id: "module-exits",
    title: "a task module that exits on import costs the task that needed it",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool();
      scene.strike();
      const error = await pool.submit(exitsOnImport.never).exception();
      assert.equal((error as Error).name, "WorkerLostError");
      await scene.recover(pool);
    },
  },
  {
    id: "module-hangs",
    title: "a task module that imports for ever is given up after startTimeout",
    applies: withRealWorkers,
    async run(scene) {
      const pool = await scene.pool({ startTimeout: await timeToStart(scene) });
      scene.strike();
      const stuck = pool.submit(neverLoads.never);
      const crowd = scene.gather(pool, 20);
      assert.ok((await stuck.exception()) instanceof TimeoutError);
      await scene.recover(pool);
      await crowd;
    },
  },
  {
    id: "initializer-throws",
    title: "an initializer that throws breaks the executor, with the cause, once",
    applies: withWorkers,
    async run(scene) {
      const initializer = places.failToInitialize;
      const pool = scene.create({ maxWorkers: 2, initializer, initializerArgs: ["no luck"] });
      const futures = Array.from({ length: 10 }, () => pool.submit(places.whereAmI));
      for (const future of futures) {
        const error = await future.exception();
        assert.ok(error instanceof BrokenExecutorError, String(error));
        assert.match(String(error.cause), /no luck/);
      }
      assert.throws(() => pool.submit(places.whereAmI), BrokenExecutorError);
      const about = scene.reports.map(({ about }) => about.kind);
      assert.deepEqual(about, ["worker"], "reported once");
    },
  },
  {
    id: "initializer-hangs",
    title: "an initializer that hangs breaks the executor, after startTimeout for each try",
    applies: withRealWorkers,
    async run(scene) {
      const [log, gate] = [scene.log(), scene.gate()];
      const initializerArgs = [log.path, gate.path];
      const options = { maxWorkers: 1, startTimeout: 150, initializer: harm.startAt };
      const pool = scene.create({ ...options, initializerArgs });
      const error = await pool.submit(places.whereAmI).exception();
      assert.ok(error instanceof BrokenExecutorError, String(error));
      assert.match(String(error.cause), /not ready within 150 ms/);
      assert.ok(log.lines().length <= 5, "five tries at most");
    },
  },
  {
    id: "initializer-exits",
    title: "an initializer that always exits breaks the executor after a few tries, with pauses",
    applies: withRealWorkers,
    async run(scene) {
      const log = scene.log();
      const initializerArgs = [log.path, 5];
      const pool = scene.create({ maxWorkers: 1, initializer: harm.exitAlways, initializerArgs });
      const start = performance.now();
      const error = await pool.submit(places.whereAmI).exception();
      assert.ok(error instanceof BrokenExecutorError, String(error));
      assert.match(String(error.cause), /exit code 5/);
      assert.equal(log.lines().length, 5);
      assert.ok(performance.now() - start >= 700, "50, 100, 200 and 400 ms of pauses");
      assert.equal(pool.stats().workers, 0);
    },
  },
  {
    id: "initializer-exits-twice",
    title: "an initializer that exits the first two times costs nothing but the pauses",
    applies: withRealWorkers,
    async run(scene) {
      const log = scene.log();
      const initializerArgs = [log.path, 2, 5];
      const options = { maxWorkers: 1, initializer: harm.exitFirstTimes };
      const pool = scene.create({ ...options, initializerArgs });
      scene.strike();
      await scene.gather(pool, 10);
      await scene.recover(pool);
      assert.equal(log.lines().length, 3);
    },
  },
];
