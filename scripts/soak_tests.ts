// Repeats one runtime's whole suite to find tests that fail only now and then; stops at the first failure.

import { parseArgs } from "node:util";

const RUNTIMES = ["deno", "bun"];

const HELP = `Usage: deno task soak --only deno|bun [--repeat N]

Runs the suite of one runtime N times (default 50), shows the output of the first run that fails,
and prints how many runs were green.`;

/** Runs the suite once, quietly; returns its output if it failed. */
async function failureOf(runtime: string): Promise<Uint8Array | undefined> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", `test:${runtime}`],
    stdin: "null",
  }).output();
  return success ? undefined : new Uint8Array([...stdout, ...stderr]);
}

async function soak(runtime: string, repeat: number): Promise<boolean> {
  let green = 0;
  let failure: Uint8Array | undefined;
  while (green < repeat && !failure) {
    const start = performance.now();
    failure = await failureOf(runtime);
    if (failure) {
      Deno.stdout.writeSync(failure);
      continue;
    }
    green += 1;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${runtime}: run ${green} of ${repeat} green (${seconds} s)`);
  }
  console.log(
    `${runtime}: ${green} of ${repeat} runs green${failure ? `; run ${green + 1} failed` : ""}`,
  );
  return !failure;
}

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: "boolean" },
      only: { type: "string" },
      repeat: { type: "string", default: "50" },
    },
  });
  if (values.help) return console.log(HELP);
  const repeat = Number(values.repeat);
  if (!values.only || !RUNTIMES.includes(values.only) || !Number.isInteger(repeat) || repeat < 1) {
    console.error(HELP);
    Deno.exit(2);
  }
  if (!(await soak(values.only, repeat))) Deno.exit(1);
}

if (import.meta.main) await main(Deno.args);
