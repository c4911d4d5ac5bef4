// The program of one contender's process: runs one scenario once and prints one line of JSON.

import process from "node:process";
import type { AdapterModule, Pool } from "./contender.ts";
import { NotApplicable } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

/** What the process is told, as JSON in its only argument. */
export interface Assignment {
  readonly scenario: string;
  readonly module: string;
  readonly variant?: string | undefined;
  readonly size: number;
}

/** How many milliseconds a contender has to close. The figures are out by then. */
const CLOSE_MS = 2_000;

const assignment: Assignment = JSON.parse(process.argv[2] as string);
const scenario = SCENARIOS.find(({ name }) => name === assignment.scenario);
if (scenario === undefined) throw new RangeError(`No such scenario: ${assignment.scenario}`);

const opened: Pool[] = [];
try {
  const start = performance.now();
  const module: AdapterModule = await import(new URL(assignment.module, import.meta.url).href);
  const adapter = await module.adapter(assignment.variant);
  const importMs = performance.now() - start;
  const metrics = await scenario.measure({
    size: assignment.size,
    importMs,
    adapter: {
      async open(options) {
        const pool = await adapter.open(options);
        opened.push(pool);
        return pool;
      },
    },
  });
  console.log(JSON.stringify({ metrics }));
} catch (error) {
  const skipped = error instanceof NotApplicable;
  console.log(JSON.stringify(skipped ? { skipped: true } : { error: String(error) }));
}
// A peer that cannot close must not hold up the others.
setTimeout(() => process.exit(0), CLOSE_MS);
await Promise.all(opened.map((pool) => pool.close()));
process.exit(0);
