// Prints sections as tables: plain for the terminal, Markdown for the page of results.

import type { Figure, Section, Verdict } from "./report.ts";
import type { Kind, Runtime, Scenario } from "./scenario.ts";

const RUNTIME_NAMES: Readonly<Record<Runtime, string>> = {
  deno: "Deno",
  bun: "Bun",
  python: "Python",
};

const KIND_NAMES: Readonly<Record<Kind, string>> = {
  us: "us",
  single: "naked, one at a time",
  pipelined: "naked, 256 in flight",
  batched: "naked, 256 per message",
  peer: "the best peer",
  other: "other",
};

/** Lines of cells; the first is the head. */
export type Table = readonly (readonly string[])[];

/** Lays a section out: a line for each contender, a column for each metric and ratio. */
export function tableOf(scenario: Scenario, section: Section): Table {
  const metrics = Object.entries(scenario.metrics);
  const [only] = metrics;
  const head = [
    RUNTIME_NAMES[section.runtime],
    ...metrics.map(([name, unit]) => `${name} [${unit}]`),
  ];
  if (metrics.length > 1 || only === undefined) {
    return [
      head,
      ...section.lines.map(({ name, figures, error }) => [
        name,
        ...metrics.map(([metric], index) => cell(figures[metric], index === 0 ? error : undefined)),
      ]),
    ];
  }
  return [
    [...head, "spread", "× naked", "× best peer"],
    ...section.lines.map(({ name, figures, error }) => {
      const figure = figures[only[0]];
      if (figure === undefined) return [name, error ?? "–", "", "", ""];
      return [
        name,
        number(figure.median) + (error ? ` (then: ${error})` : ""),
        `${number(figure.lowest)}–${number(figure.highest)}`,
        ratio(figure.perNaked),
        ratio(figure.perPeer),
      ];
    }),
  ];
}

/** Says how a goal came out, in a line. */
export function verdictText({ goal, of, to, figure, met }: Verdict): string {
  const limit =
    goal.atMost === undefined ? `≥ ${number(goal.atLeast ?? 0)}` : `≤ ${number(goal.atMost)}`;
  const than = goal.against === undefined ? "" : ` × ${to ?? KIND_NAMES[goal.against]}`;
  const outcome = Number.isNaN(figure) ? "not measured" : met ? "met" : "NOT MET";
  return `${of}: ${goal.metric} ${limit}${than}: ${number(figure)}, ${outcome}`;
}

/** Pads the columns: the first to the left, the others to the right. */
export function plainTable(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((cells) => (cells[column] ?? "").length)),
  );
  return table
    .map((cells) =>
      cells
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The same as Markdown. */
export function markdownTable([head = [], ...lines]: Table): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [row(head), row(rule), ...lines.map(row)].join("\n");
}

/** Writes a number with three significant digits; thousands in groups. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en").replaceAll(",", " ");
  return String(Number(value.toPrecision(3)));
}

function cell(figure: Figure | undefined, error: string | undefined): string {
  if (figure === undefined) return error ?? "–";
  const compared = figure.perNaked === undefined ? "" : ` (${ratio(figure.perNaked)}×)`;
  return number(figure.median) + compared;
}

function ratio(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "" : value.toPrecision(3);
}
