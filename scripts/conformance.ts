// Runs the conformance suite on every runtime and prints the matrix: rows by executors.

import { conformanceRows } from "@concurrent/futures/testing";
import { bunPath } from "./bun.ts";
import { type Cell, completed, isGreen, parseCells, renderMatrix } from "./conformance_matrix.ts";

const HELP = `Usage: deno task conformance

Runs the conformance suite on every runtime. Fails if a case fails or a row is missing.`;

/** The scripts that run the suite on one runtime's executors; each prints a line of JSON per case. */
const REPORTERS: readonly (readonly [program: string, ...args: string[]])[] = [
  [
    Deno.execPath(),
    "run",
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--allow-sys",
    "--allow-run",
    "modules/deno/report_conformance.ts",
  ],
  [bunPath(), "modules/bun/report_conformance.ts"],
];

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  const cells: Cell[] = [];
  for (const reporter of REPORTERS) cells.push(...(await report(reporter)));
  const all = completed(withKnownRows(cells));
  console.log(renderMatrix(all));
  if (!isGreen(all)) Deno.exit(1);
}

async function report([program, ...args]: (typeof REPORTERS)[number]): Promise<Cell[]> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const cells = parseCells(output ?? "");
  // A reporter that failed although all it reported is green broke off in between.
  if (code === 0 || (cells.length > 0 && !isGreen(cells))) return cells;
  console.error(`Cannot report: "${program} ${args.join(" ")}" ended with ${code}\n${errors}`);
  return Deno.exit(1);
}

/** A row that no executor reports is missing on all of them. */
function withKnownRows(cells: readonly Cell[]): Cell[] {
  const reported = new Set(cells.map(({ id }) => id));
  const [first] = cells;
  if (!first) return [];
  const unreported = conformanceRows.filter(({ id }) => !reported.has(id));
  return [
    ...cells,
    ...unreported.map(
      ({ id, test }): Cell => ({ subject: first.subject, id, title: test, outcome: "missing" }),
    ),
  ];
}

if (import.meta.main) await main(Deno.args);
