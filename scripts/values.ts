// Makes the table of docs/values.md out of what the executors do, or checks that it is the one that is there.

import type { ValueReport } from "../modules/proofs/value_reports.ts";
import { bunPath } from "./bun.ts";
import { nodePath } from "./node.ts";
import { denoReporter } from "./reporter_command.ts";

const HELP = `Usage: deno task values [--write]

Sends every kind of value to every executor and back, and compares what becomes of it with the table in docs/values.md.
Fails where the table says something else.

  --write  writes the table instead`;

const PAGE = "docs/values.md";
const BEGIN = "<!-- begin of the table: deno task values --write -->";
const END = "<!-- end of the table -->";

/** Much longer than a reporter takes; one that takes longer hangs. */
const TIMEOUT_MS = 120_000;

/** Scripts that print a line of JSON per kind and executor. Side by side: most of it is waiting. */
const REPORTERS: readonly (readonly [program: string, ...args: string[]])[] = [
  denoReporter("modules/deno/conformance/report_values.ts"),
  [bunPath(), "modules/bun/conformance/report_values.ts"],
  // The sources as they are: what Node takes to strip the types is less than a build.
  [
    nodePath(),
    "--disable-warning=ExperimentalWarning",
    "modules/node/conformance/report_values.ts",
  ],
  denoReporter("modules/browser/conformance/report_values.ts", "--allow-net"),
];

/** The columns, by what an executor's name begins with and ends with. */
const COLUMNS = [
  ["threads, Deno", "ThreadPoolExecutor on Deno"],
  ["Bun", "ThreadPoolExecutor on Bun"],
  ["Node", "ThreadPoolExecutor on Node"],
  ["page", "ThreadPoolExecutor on Chromium"],
  ["processes, Deno", "ProcessPoolExecutor on Deno"],
  ["Bun", "ProcessPoolExecutor on Bun"],
  ["Node", "ProcessPoolExecutor on Node"],
] as const;

const MARKS: Record<string, string> = { whole: "✓", partly: "○", refused: "✗", absent: "" };

async function run([program, ...args]: (typeof REPORTERS)[number]): Promise<ValueReport[]> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code !== 0) throw new Error(`Cannot try values: ${program} ${args.join(" ")}\n${errors}`);
  return (text as string)
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

/** The table, as Markdown. */
export function renderValues(reports: readonly ValueReport[]): string {
  const lines: string[] = [];
  const groups = [...new Set(reports.map(({ group }) => group))];
  for (const group of groups) {
    const head = COLUMNS.map(([column]) => column).join(" | ");
    lines.push(`### ${group}`, "", `| | ${head} | where it is ○ |`);
    lines.push(`|---|${COLUMNS.map(() => ":-:|").join("")}---|`);
    const names = new Set(
      reports.filter((report) => report.group === group).map(({ name }) => name),
    );
    for (const name of names) lines.push(row(reports, name));
    lines.push("");
  }
  return lines.join("\n");
}

function row(reports: readonly ValueReport[], name: string): string {
  const found = COLUMNS.map(([, subject]) =>
    reports.find((report) => report.name === name && report.subject.startsWith(subject)),
  );
  const marks = found.map((report) => {
    if (report === undefined) throw new Error(`Cannot make table: "${name}" was not tried`);
    const mark = MARKS[report.outcome];
    if (mark === undefined)
      throw new Error(`Cannot make table: ${name} on ${report.subject} ${report.outcome}`);
    return mark;
  });
  const loses = found.find((report) => report?.outcome === "partly")?.loses ?? "";
  return `| ${name} | ${marks.join(" | ")} | ${loses} |`;
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  const table = renderValues((await Promise.all(REPORTERS.map(run))).flat());
  const page = Deno.readTextFileSync(PAGE);
  const [before, rest = ""] = page.split(BEGIN);
  const made = `${before}${BEGIN}\n\n${table}\n${END}${rest.split(END)[1]}`;
  if (args.includes("--write")) return Deno.writeTextFileSync(PAGE, made);
  if (made === page) return console.log(`${PAGE} is what the executors do`);
  console.error(`${PAGE} is not what the executors do; deno task values --write makes it anew:`);
  const known = new Set(page.split("\n"));
  for (const line of made.split("\n")) if (!known.has(line)) console.error(line);
  Deno.exit(1);
}

if (import.meta.main) await main(Deno.args);
