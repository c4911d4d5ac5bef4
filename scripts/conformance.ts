// Runs the conformance suite on every runtime and prints the matrix: rows by executors.

import { conformanceRows } from "../modules/proofs/rows.ts";
import { bunPath } from "./bun.ts";
import { type Cell, completed, isGreen, parseCells, renderMatrix } from "./conformance_matrix.ts";
import { nodePath } from "./node.ts";
import { denoReporter } from "./reporter_command.ts";
import { buildForNode, NODE_BUILD } from "./test_node.ts";

const HELP = `Usage: deno task conformance

Runs the conformance suite on every runtime and prints rows by executors. Fails if a case fails or a row is missing.`;

/** Long enough for every case of every executor; a reporter that takes longer hangs. */
const TIMEOUT_MS = 600_000;

/** A script that runs the suite on one runtime's executors and prints a line of JSON per case. */
interface Reporter {
  readonly command: readonly [program: string, ...args: string[]];
  /** Executors that must be among the reported ones, or else a column could be lost unseen. */
  readonly executors: readonly string[];
}

const REPORTERS: readonly Reporter[] = [
  {
    command: denoReporter("modules/deno/conformance/report_conformance.ts"),
    executors: [
      "EventLoopExecutor on Deno",
      "ThreadPoolExecutor on Deno",
      "ProcessPoolExecutor on Deno",
    ],
  },
  {
    command: [bunPath(), "modules/bun/conformance/report_conformance.ts"],
    executors: [
      "EventLoopExecutor on Bun",
      "ThreadPoolExecutor on Bun",
      "ProcessPoolExecutor on Bun",
    ],
  },
  {
    // As it is built for npm: from the sources each worker would have to strip the types first.
    command: [nodePath(), `${NODE_BUILD}/modules/node/conformance/report_conformance.js`],
    executors: [
      "EventLoopExecutor on Node",
      "ThreadPoolExecutor on Node",
      "ProcessPoolExecutor on Node",
    ],
  },
  {
    // Deno drives the browser.
    command: denoReporter(
      "modules/browser/conformance/report_conformance.ts",
      "--allow-net=127.0.0.1",
    ),
    executors: ["Chromium", "Chromium, isolated"].flatMap((browser) => [
      `EventLoopExecutor on ${browser}`,
      `ThreadPoolExecutor on ${browser}`,
    ]),
  },
];

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  buildForNode();
  const reported: Cell[] = [];
  let ended = true;
  for (const reporter of REPORTERS) {
    const { cells, success } = await report(reporter);
    reported.push(...cells);
    ended &&= success || !isGreen(cells);
  }
  const rows = new Map(conformanceRows.map(({ id, test }) => [id, test]));
  const executors = REPORTERS.flatMap((reporter) => reporter.executors);
  const cells = completed(reported, executors, rows);
  console.log(renderMatrix(cells));
  if (!ended || !isGreen(cells)) Deno.exit(1);
}

async function report({ command }: Reporter): Promise<{ cells: Cell[]; success: boolean }> {
  const [program, ...args] = command;
  const reporter = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).spawn();
  const [cells, errors] = await Promise.all([
    readCells(reporter.stdout),
    new Response(reporter.stderr).text(),
  ]);
  const { success, code } = await reporter.status;
  if (!success) console.error(`"${command.join(" ")}" ended with ${code}:\n${errors}`);
  return { cells, success };
}

/** Reads results as they come and says which executor is at work: a whole run may take minutes. */
async function readCells(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Cell[]> {
  const cells: Cell[] = [];
  for await (const line of lines(stdout)) {
    const [cell] = parseCells(line);
    if (!cell) continue;
    if (cell.subject !== cells.at(-1)?.subject) console.error(`Running ${cell.subject}`);
    cells.push(cell);
  }
  return cells;
}

async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

if (import.meta.main) await main(Deno.args);
