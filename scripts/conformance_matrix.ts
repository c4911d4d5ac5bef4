// The conformance matrix as text: rows by executors, reasons for what does not apply, errors of what failed.

/** One result, as each runtime prints it: a line of JSON. */
export interface Cell {
  readonly subject: string;
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly error?: string;
}

type Outcome = "pass" | "fail" | "n/a" | "missing";

/** Reads the lines of JSON among a program's output; other lines are what the cases themselves print. */
export function parseCells(output: string): Cell[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith('{"subject":'))
    .map((line) => JSON.parse(line));
}

/** Adds a `missing` cell wherever an executor has no result for a row that is known, or known from another. */
export function completed(
  cells: readonly Cell[],
  executors: readonly string[],
  rows: ReadonlyMap<string, string>,
): Cell[] {
  const titles = new Map([...rows, ...cells.map(({ id, title }) => [id, title] as const)]);
  const known = new Set(cells.map(({ subject, id }) => `${subject} ${id}`));
  const missing = [...new Set([...subjectsOf(cells), ...executors])].flatMap((subject) =>
    [...titles]
      .filter(([id]) => !known.has(`${subject} ${id}`))
      .map(([id, title]): Cell => ({ subject, id, title, outcome: "missing" })),
  );
  return [...cells, ...missing];
}

/** Tells whether every promise is kept: no fail, nothing missing, a reason for all that does not apply. */
export function isGreen(cells: readonly Cell[]): boolean {
  return cells.length > 0 && cells.every((cell) => !isBroken(cell));
}

/** Draws the matrix. */
export function renderMatrix(cells: readonly Cell[]): string {
  const subjects = subjectsOf(cells);
  const ids = [...new Set(cells.map(({ id }) => id))].sort(byNumber);
  const idWidth = Math.max(...ids.map((id) => id.length), 0);
  const legend = subjects.map((subject, index) => `  ${index + 1}  ${subject}`);
  const header = `${"".padEnd(idWidth)}  ${subjects.map((_, index) => `${index + 1}`.padEnd(7)).join("  ")}`;
  const rows = ids.map((id) => renderRow(id, idWidth, subjects, cells));
  return [
    "Executors:",
    ...legend,
    "",
    header,
    ...rows,
    "",
    ...renderReasons(cells),
    ...renderBroken(cells),
    renderTotals(cells),
  ].join("\n");
}

function renderRow(
  id: string,
  width: number,
  subjects: readonly string[],
  cells: readonly Cell[],
): string {
  const row = cells.filter((cell) => cell.id === id);
  const outcomes = subjects.map((subject) =>
    worst(row.filter((cell) => cell.subject === subject)).padEnd(7),
  );
  return `${id.padEnd(width)}  ${outcomes.join("  ")}  ${row[0]?.title ?? ""}`;
}

/** Several cases may prove one row; the row is as good as the worst of them. */
function worst(cells: readonly Cell[]): Outcome {
  const order: Outcome[] = ["fail", "missing", "pass", "n/a"];
  return order.find((outcome) => cells.some((cell) => cell.outcome === outcome)) ?? "missing";
}

function renderReasons(cells: readonly Cell[]): string[] {
  const byReason = Map.groupBy(
    cells.filter(({ outcome, reason }) => outcome === "n/a" && reason),
    ({ subject, reason }) => `${subject}: ${reason}`,
  );
  if (byReason.size === 0) return [];
  const lines = [...byReason].map(([reason, group]) => `  ${reason}\n    ${idsOf(group)}`);
  return ["Not applicable:", ...lines, ""];
}

function renderBroken(cells: readonly Cell[]): string[] {
  const broken = cells.filter(isBroken);
  if (broken.length === 0) return [];
  const lines = broken.map(({ subject, id, title, outcome, error }) => {
    const what = outcome === "n/a" ? "n/a without a reason" : outcome;
    return `  ${id} on ${subject}: ${what}: ${title}${error ? `\n${indented(error)}` : ""}`;
  });
  return ["Broken:", ...lines, ""];
}

function renderTotals(cells: readonly Cell[]): string {
  const count = (wanted: Outcome) => cells.filter(({ outcome }) => outcome === wanted).length;
  const missing = count("missing");
  return `${count("pass")} pass, ${count("fail")} fail, ${missing} missing, ${count("n/a")} not applicable`;
}

function isBroken({ outcome, reason }: Cell): boolean {
  return outcome === "fail" || outcome === "missing" || (outcome === "n/a" && !reason);
}

function subjectsOf(cells: readonly Cell[]): string[] {
  return [...new Set(cells.map(({ subject }) => subject))];
}

function idsOf(cells: readonly Cell[]): string {
  return [...new Set(cells.map(({ id }) => id))].sort(byNumber).join(" ");
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "      ");
}
