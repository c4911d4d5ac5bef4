// The command `bench`: runs scenarios, prints tables and whether goals are met.

import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import process from "node:process";
import { type BenchOptions, HELP, parseCommandLine } from "./command_line.ts";
import { CONTENDERS, type Contender, isForeign } from "./contenders.ts";
import { guard } from "./guard.ts";
import { pageOf } from "./page.ts";
import { findPrograms, installPeers, versionsOf } from "./programs.ts";
import { type Section, summarize } from "./report.ts";
import { contendersOf, type RoundsOptions, runRounds } from "./rounds.ts";
import { type Runtime, type Scenario, sizeOf } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { failureTexts, number, plainTable, tableOf, verdictText } from "./table.ts";

const ROUNDS = 5;
const QUICK_ROUNDS = 2;
/** A load above which other programs take a good part of a core. */
const BUSY_LOAD = 0.5;
const RUNTIMES: readonly Runtime[] = ["deno", "bun"];

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = parseCommandLine(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = options.only?.find((wanted) => !SCENARIOS.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    const names = SCENARIOS.map(({ name }) => name).join(", ");
    console.error(`Cannot run ${JSON.stringify(unknown)}: no such scenario; there are ${names}`);
    return 2;
  }
  if (options.guard) return (await guard(findPrograms())) ? 0 : 1;
  await bench(options);
  return 0;
}

async function bench(options: BenchOptions): Promise<void> {
  const { quick } = options;
  const load = loadavg()[0] ?? Number.NaN;
  if (load > BUSY_LOAD)
    console.error(
      `This machine is busy (load ${number(load)}): figures of work on all cores will suffer`,
    );
  const programs = findPrograms();
  const contenders = CONTENDERS.filter(
    (contender) => programs[contender.runtime] !== undefined && isWanted(contender, options),
  );
  if (contenders.some(isForeign)) installPeers(programs);
  const rounds = options.rounds ?? (quick ? QUICK_ROUNDS : ROUNDS);
  const roundsOptions: RoundsOptions = {
    rounds,
    quick,
    programs,
    ...(process.stderr.isTTY ? { onRun: showProgress } : {}),
  };
  const sections: Section[] = [];
  for (const scenario of SCENARIOS) {
    if (options.only !== undefined && !options.only.includes(scenario.name)) continue;
    const rows = await runRounds(scenario, contendersOf(scenario, contenders), roundsOptions);
    clearProgress();
    const found = RUNTIMES.map((runtime) => summarize(scenario, runtime, rows)).filter(
      ({ lines }) => lines.length > 0,
    );
    sections.push(...found);
    if (!options.json) console.log(textOf(scenario, found, quick));
  }
  if (options.json) console.log(JSON.stringify(sections, undefined, 2));
  if (options.write !== undefined) {
    const circumstances = { date: new Date(), versions: versionsOf(programs), rounds, quick, load };
    writeFileSync(options.write, pageOf(SCENARIOS, sections, circumstances));
  }
}

function isWanted({ name, kind }: Contender, { contenders }: BenchOptions): boolean {
  return (
    contenders === undefined || contenders.some((word) => kind === word || name.includes(word))
  );
}

function textOf(scenario: Scenario, sections: readonly Section[], quick: boolean): string {
  const size = number(sizeOf(scenario, quick));
  return [
    `\n${scenario.name}: ${scenario.title} (size ${size})`,
    ...sections.map((section) =>
      [
        "",
        plainTable(tableOf(scenario, section)),
        ...failureTexts(section).map((text) => `  ! ${text}`),
        ...section.verdicts.map(
          (verdict) => `  ${verdict.met ? "✓" : "✗"} ${verdictText(verdict)}`,
        ),
      ].join("\n"),
    ),
  ].join("\n");
}

function showProgress({ name, runtime }: Contender, round: number): void {
  process.stderr.write(`\r\x1b[Kround ${round + 1}: ${runtime}: ${name}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
