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

/** As much of an error's message as fits a line, in characters. */
const ERROR_LENGTH = 100;

/** Lines of cells; the first is the head. */
export type Table = readonly (readonly string[])[];

/** Units of metrics that are comparisons in themselves. */
const RELATIVE_UNITS = ["×", "of perfect"];

/**
 * Lays a section out: a line for each contender that has figures, a column for each metric.
 *
 * A single metric has its spread and ratios in columns of their own, several have the ratio to the naked transport in
 * brackets.
 */
export function tableOf(scenario: Scenario, section: Section): Table {
  const metrics = Object.entries(scenario.metrics);
  const [[metric, unit] = ["", ""], ...more] = metrics;
  const head = [
    RUNTIME_NAMES[section.runtime],
    ...metrics.map(([name, unitOf]) => `${name} [${unitOf}]`),
  ];
  const lines = section.lines.filter(({ figures }) => Object.keys(figures).length > 0);
  if (more.length > 0 || RELATIVE_UNITS.includes(unit)) {
    return [
      head,
      ...lines.map(({ name, figures }) => [
        name,
        ...metrics.map(([name, unitOf]) => cell(figures[name], RELATIVE_UNITS.includes(unitOf))),
      ]),
    ];
  }
  return [
    [...head, "spread", "× naked", "× best peer"],
    ...lines.map(({ name, figures }) => {
      const figure = figures[metric] as Figure;
      return [
        name,
        number(figure.median),
        `${number(figure.lowest)}–${number(figure.highest)}`,
        ratio(figure.perNaked),
        ratio(figure.perPeer),
      ];
    }),
  ];
}

/** Says which contenders failed, a line each. */
export function failureTexts({ lines }: Section): string[] {
  return lines.flatMap(({ name, error }) =>
    error === undefined ? [] : [`${name}: ${error.slice(0, ERROR_LENGTH)}`],
  );
}

/** Says how a goal came out, in a line. */
export function verdictText({ goal, of, to, figure, met }: Verdict): string {
  const limit =
    goal.atMost === undefined ? `≥ ${number(goal.atLeast ?? 0)}` : `≤ ${number(goal.atMost)}`;
  const than = goal.against === undefined ? "" : ` × ${to ?? KIND_NAMES[goal.against]}`;
  const outcome = Number.isNaN(figure) ? "not measured" : met ? "met" : "NOT MET";
  const which = goal.bestRound ? " in the best round" : "";
  return `${of}: ${goal.metric} ${limit}${than}: ${number(figure)}${which}, ${outcome}`;
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

function cell(figure: Figure | undefined, relative: boolean): string {
  if (figure === undefined) return "–";
  if (relative || figure.perNaked === undefined) return number(figure.median);
  return `${number(figure.median)} (${ratio(figure.perNaked)}×)`;
}

function ratio(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "" : number(value);
}
