// Cases of how workers are started: their environment, words, flags and limits, where a platform has them. Decision 49.
import assert from "node:assert/strict";
import process from "node:process";
import { withOwnWorkers, withProcesses, withThreads, withWorkerScripts } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import type { Subject } from "../subject.ts";
import { places } from "../tasks.ts";

const NAME = "CONCURRENT_FUTURES_TEST";

/** What belongs to a backend, and `PoolOptions` does not know of. */
interface StartOptions {
  env?: unknown;
  args?: unknown;
  execArgv?: unknown;
  resourceLimits?: unknown;
}

/** The runtime on which a subject is. */
function runtimeOf({ name }: Subject): string {
  return /on (\w+)$/.exec(name)?.[1] ?? "";
}

function create(
  context: { create(options: object): ReturnType<Subject["create"]> },
  options: StartOptions,
) {
  return context.create({ maxWorkers: 1, ...options });
}

/** Cases of how workers are started. */
export const startOptionsCases: readonly ConformanceCase[] = [
  {
    id: "cf-start-env",
    title: "env sets variables for the workers and takes some away; the program keeps its own",
    applies: withWorkerScripts,
    async run(context) {
      const before = process.env[NAME];
      const pool = create(context, { env: { [NAME]: "told", HOME: undefined } });
      assert.equal(await pool.submit(places.variable, NAME), "told");
      assert.equal(await pool.submit(places.variable, "HOME"), undefined);
      assert.equal(process.env[NAME], before);
      const { LANG } = process.env;
      assert.equal(await pool.submit(places.variable, "LANG"), LANG);
    },
  },
  {
    id: "cf-start-args",
    title: "args are what threads find in process.argv",
    applies: (subject) => {
      const scripts = withWorkerScripts(subject);
      return scripts === true ? withThreads(subject) : scripts;
    },
    async run(context) {
      const pool = create(context, { args: ["one", "--two"] });
      assert.deepEqual((await pool.submit(places.words)).args, ["one", "--two"]);
    },
  },
  {
    id: "cf-start-limits",
    title: "resourceLimits bound the stack of threads on Node; elsewhere they are refused",
    applies: withOwnWorkers(),
    async run(context) {
      const { subject } = context;
      const isThread = withThreads(subject) === true && subject.script !== undefined;
      const runtime = runtimeOf(subject);
      if (!isThread || runtime !== "Node") {
        const make = () => create(context, { resourceLimits: { stackSizeMb: 1 } });
        assert.throws(make, TypeError);
        return;
      }
      const small = create(context, { resourceLimits: { stackSizeMb: 1 } });
      const large = create(context, { resourceLimits: { stackSizeMb: 3 } });
      const depths = [await small.submit(places.depth), await large.submit(places.depth)] as const;
      assert.ok(depths[1] > depths[0], depths.join());
      const wrong = { maxOldGenerationSizeMb: 9 };
      assert.throws(() => create(context, { resourceLimits: wrong }), /as memoryLimit/);
      assert.throws(() => create(context, { resourceLimits: { stackSizeMb: 0 } }), RangeError);
    },
  },
  {
    id: "cf-start-flags",
    title:
      "execArgv are flags of workers on Node, and of processes on Bun; elsewhere they are refused",
    applies: withOwnWorkers(),
    async run(context) {
      const { subject } = context;
      const runtime = subject.script === undefined ? "" : runtimeOf(subject);
      const isProcess = withProcesses(subject) === true;
      const isReal = isProcess || withThreads(subject) === true;
      if (!isReal || !(runtime === "Node" || (runtime === "Bun" && isProcess))) {
        assert.throws(() => create(context, { execArgv: ["--no-warnings"] }), TypeError);
        return;
      }
      const flag = runtime === "Node" ? "--no-warnings" : "--smol";
      const pool = create(context, { execArgv: [flag] });
      assert.ok((await pool.submit(places.words)).flags.includes(flag));
    },
  },
  {
    id: "cf-start-refused",
    title:
      "what is no list or record of strings is refused at the call, and so is what there is not",
    applies: withOwnWorkers(),
    run(context) {
      for (const options of [{ env: "A=1" }, { env: { A: 1 } }, { args: "one" }, { args: [1] }])
        assert.throws(() => create(context, options), TypeError);
      if (!context.subject.traits.workers)
        assert.throws(() => create(context, { env: {} }), /"env" is an option of executors of/);
      return Promise.resolve();
    },
  },
];
