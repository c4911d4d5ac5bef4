// Renders results of the fault suite as a table: faults by executors, then what failed and what no runtime can do.

import type { FaultResult } from "../modules/proofs/faults/fault.ts";

/** Whether a fault did no harm, or none but what the runtime is known and shown not to contain. */
export function isContained({ outcome }: FaultResult): boolean {
  return outcome !== "failed";
}

/** Renders the table, the limits of the runtimes, the failures, and the totals. */
export function renderFaults(results: readonly FaultResult[]): string {
  const subjects = [...new Set(results.map(({ subject }) => subject))];
  const ids = [...new Set(results.map(({ id }) => id))];
  const cells = new Map(results.map((result) => [`${result.id} ${result.subject}`, result]));
  const rows = ids.map((id) => [
    id,
    ...subjects.map((subject) => renderCell(cells.get(`${id} ${subject}`))),
  ]);
  const limits = results.filter(({ outcome }) => outcome === "limit");
  const failures = results.filter((result) => !isContained(result));
  return [
    renderTable([["fault", ...subjects.map(shorten)], ...rows]),
    "",
    "Each cell: milliseconds until a task submitted after the fault had its value; lost and doubled bystanders, if any.",
    ...section("What a runtime cannot do, shown by a trial:", unique(limits.map(renderLimit))),
    ...section("Figures:", results.flatMap(renderNotes)),
    ...section("Failed:", failures.map(renderFailure)),
    "",
    renderTotals(results),
  ].join("\n");
}

/** Parts of a long run whose figures say what it was worth. */
const COUNTED: readonly string[] = ["chaos", "hostile", "model", "soak"];

/** Renders one run of several: a line, and the figures it is to be known by. */
export function renderRun(when: string, results: readonly FaultResult[]): string {
  const figures = results.filter(({ id }) => COUNTED.includes(id)).flatMap(renderNotes);
  return [`${when}: ${renderTotals(results)}`, ...figures].join("\n");
}

function renderCell(result: FaultResult | undefined): string {
  if (result === undefined) return "";
  const { outcome, recovery, lost, doubled } = result;
  if (outcome === "n/a") return "-";
  if (outcome === "limit") return "cannot";
  const harm = lost + doubled > 0 ? ` ${lost} lost ${doubled} doubled` : "";
  if (outcome === "failed") return `FAILED${harm}`;
  return `ok${recovery === undefined ? "" : ` ${Math.round(recovery)}`}`;
}

function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function renderLimit({ id, subject, reason }: FaultResult): string {
  return `  ${shorten(subject)}, ${id}: ${reason}`;
}

function renderNotes({ id, subject, notes = [] }: FaultResult): string[] {
  return notes.map((note) => `  ${shorten(subject)}, ${id}: ${note}`);
}

function renderFailure({ id, subject, title, error, lost, doubled }: FaultResult): string {
  return `  ${subject}, ${id}: ${title}\n    ${error ?? `${lost} lost, ${doubled} doubled`}`;
}

/** One line: how many faults did what, and to how many bystanders. */
export function renderTotals(results: readonly FaultResult[]): string {
  const count = (outcome: FaultResult["outcome"]) =>
    results.filter((result) => result.outcome === outcome).length;
  const sum = (field: "bystanders" | "lost" | "doubled") =>
    results.reduce((total, result) => total + result[field], 0);
  const slowest = Math.max(0, ...results.map(({ recovery }) => recovery ?? 0));
  return (
    `${count("survived")} survived, ${count("failed")} failed, ${count("limit")} beyond the runtime, ` +
    `${count("n/a")} cannot occur; of ${sum("bystanders")} bystanders ${sum("lost")} lost, ` +
    `${sum("doubled")} ran twice; slowest recovery ${Math.round(slowest)} ms`
  );
}

/** "ThreadPoolExecutor on Deno" is too long to head a column. */
function shorten(subject: string): string {
  return subject
    .replace("ProcessPoolExecutor", "Processes")
    .replace("ThreadPoolExecutor", "Threads")
    .replace("EventLoopExecutor", "EventLoop");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
