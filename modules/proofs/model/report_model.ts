// Reports random programs over the model: one line of JSON, as the fault suite prints them.
//
// The model's test has fast-check make its programs, which shrinks what fails. Here a seed makes them, many more of them.

import process from "node:process";
import { CHOICES, seeded } from "../../testing/seeded.ts";
import type { FaultResult } from "../faults/fault.ts";
import { deedsDone, type ModelOptions, runModel } from "./model.ts";

const PROGRAMS = 3000;
const MOST_DEEDS = 260;

const numberAfter = (name: string) => {
  const option = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return option === undefined ? undefined : Number(option.slice(name.length + 3));
};

const first = numberAfter("seed") ?? Math.floor(Math.random() * CHOICES);
const seconds = numberAfter("seconds");
const started = performance.now();
const isEnough = (programs: number) =>
  seconds === undefined ? programs === PROGRAMS : performance.now() - started > seconds * 1000;

const result = {
  subject: "Model",
  id: "model",
  title:
    "random programs over a model of workers, links and time: all invariants hold after each deed",
  lost: 0,
  doubled: 0,
  bystanders: 0,
};
let programs = 0;
let failure: string | undefined;
for (; failure === undefined && !isEnough(programs); programs++) {
  try {
    const { options, choices } = programOf(first + programs);
    await runModel(options, choices);
  } catch (error) {
    failure = `Program with seed ${first + programs} failed: ${(error as Error).message}`;
  }
}
const elapsed = performance.now() - started;
const report: FaultResult =
  failure === undefined
    ? {
        ...result,
        elapsed,
        outcome: "survived",
        notes: [`${deedsDone} deeds in ${programs} programs from seed ${first}`],
      }
    : { ...result, elapsed, outcome: "failed", error: failure };
console.log(JSON.stringify(report));
process.exit(failure === undefined ? 0 : 1);

function programOf(seed: number): { options: ModelOptions; choices: number[] } {
  const random = seeded(seed);
  const pick = (limit: number) => Math.floor(random() * limit);
  const coin = () => pick(2) === 0;
  const options: ModelOptions = {
    maxWorkers: 1 + pick(4),
    sharesMemory: coin(),
    keepsWord: coin(),
    abandons: coin(),
    isObserved: coin(),
    interruptGrace: pick(2) * 30,
    ...(coin() ? { maxTasksPerWorker: 1 + pick(5) } : {}),
    ...(coin() ? { maxQueue: pick(7) } : {}),
  };
  return {
    options,
    choices: Array.from({ length: 20 + pick(MOST_DEEDS - 20) }, () => pick(CHOICES)),
  };
}
