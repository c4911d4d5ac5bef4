// One trial of one library: strikes it, and prints what became of it, one word for each question, as JSON.

import process from "node:process";
import { ADAPTERS } from "./adapters.js";

/** What has not settled by then hangs: a task here takes half a second at most. */
const LIMIT_MS = 6_000;

const [library, trial] = process.argv.slice(2);
const open = ADAPTERS[library];
let hostErrors = 0;
process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {
  hostErrors++;
});

/** What became of a promise. */
function fate(promise) {
  return Promise.race([
    Promise.resolve(promise).then(
      () => "done",
      () => "fails",
    ),
    new Promise((resolve) => setTimeout(resolve, LIMIT_MS, "hangs")),
  ]);
}

const TRIALS = {
  /** A worker exits, or throws late, among six others' tasks. */
  async strike(name) {
    const pool = await open(2);
    await fate(pool.run("ok", 1));
    const struck = fate(pool.run(name, 500));
    const others = await Promise.all(Array.from({ length: 6 }, () => fate(pool.run("sleep", 30))));
    const next = await fate(pool.run("ok", 1));
    return {
      struck: await struck,
      others: others.filter((one) => one === "done").length,
      next,
      hostErrors,
    };
  },
  async cancel() {
    const pool = await open(1);
    await fate(pool.run("ok", 1));
    if (pool.cancel === undefined) return { struck: "cannot", next: "" };
    const spinning = pool.run("spin");
    const struck = fate(spinning);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const began = performance.now();
    pool.cancel(spinning);
    const result = { struck: await struck, next: await fate(pool.run("ok", 1)) };
    return { ...result, ms: Math.round(performance.now() - began) };
  },
  /** Nobody closes the pool. */
  async end() {
    const pool = await open(1);
    return { struck: await fate(pool.run("ok", 1)) };
  },
};

const outcome = await (trial in TRIALS ? TRIALS[trial]() : TRIALS.strike(trial));
console.log(JSON.stringify(outcome));
if (trial !== "end") process.exit(0);
