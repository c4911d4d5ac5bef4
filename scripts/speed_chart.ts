// Draws the chart of README.md, of the figures in docs/benchmarks.md: deno task chart.

import { readFileSync, writeFileSync } from "node:fs";

const FIGURES = "docs/benchmarks.md";
export const CHART = "docs/screenshots/speed.svg";

/** Who is shown, by the names of the page, and what readers call them. */
const SHOWN: Readonly<Record<string, string>> = {
  ThreadPoolExecutor: "this library, threads",
  ProcessPoolExecutor: "this library, processes",
  comlink: "comlink (no queue)",
  poolifier: "poolifier",
  piscina: "piscina",
  workerpool: "workerpool",
  tinypool: "tinypool",
  "Python's ProcessPoolExecutor": "Python's processes",
};

const [LEFT, WIDTH, LINE, TOP] = [190, 420, 26, 34];

/** Microseconds a task, on Deno, when many are submitted at once. */
export function burstFigures(page: string): [name: string, microseconds: number][] {
  const [, section = ""] = /^## burst$(.*?)^\| Bun \|/ms.exec(page) ?? [];
  const rows = section.matchAll(/^\| ([^|]+?) \| ([\d. ]+?) \|/gm);
  return [...rows].flatMap(([, name = "", figure = ""]) => {
    const shown = SHOWN[name];
    return shown === undefined ? [] : [[shown, Number(figure.replaceAll(/\s/g, ""))]];
  });
}

/** The chart, light or dark as its reader likes. */
export function chartOf(page: string): string {
  const figures = burstFigures(page).sort(([, a], [, b]) => a - b);
  const most = Math.max(...figures.map(([, figure]) => figure));
  const bars = figures.map(([name, figure], row) => {
    const y = TOP + row * LINE;
    const width = Math.max(1, Math.round((WIDTH * figure) / most));
    const kind = name.startsWith("this") ? ' class="ours"' : "";
    return `  <text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${name}</text>
  <rect${kind} x="${LEFT}" y="${y}" width="${width}" height="18" rx="2"/>
  <text x="${LEFT + width + 6}" y="${y + 14}">${figure}</text>`;
  });
  const [width, height] = [LEFT + WIDTH + 60, TOP + figures.length * LINE + 6];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Microseconds for each of 100 000 trivial tasks submitted at once, on Deno; less is better">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1d2330; }
    rect { fill: #98a2b8; }
    .ours { fill: #2553c7; }
    @media (prefers-color-scheme: dark) { text { fill: #e4e8f1; } rect { fill: #67718a; } .ours { fill: #8fb0ff; } }
  </style>
  <text x="4" y="18">µs for each of 100 000 trivial tasks submitted at once, two workers, on Deno: less is better</text>
${bars.join("\n")}
</svg>
`;
}

if (import.meta.main) writeFileSync(CHART, chartOf(readFileSync(FIGURES, "utf8")));
