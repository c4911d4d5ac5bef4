// Chart: lines over time, drawn by uPlot in the colours of the style sheet.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { clock } from "../lanes/ticks.ts";
import { attempt } from "../notices.ts";
import { isDark } from "../theme.ts";

/** A quarter of the page's code: fetched with the first chart, which has its place already. */
const plotter = signal<typeof uPlot | undefined>(undefined);

const HEIGHT = 180;

/** Room at the right for half of the last time on the axis. */
const EDGE = 30;

export interface Line {
  readonly name: string;
  /** A name of a colour in the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly filled?: boolean;
  readonly dashed?: boolean;
  /** Between this line and the one of that name lies a band of its colour; the line itself is not drawn. */
  readonly bandDownTo?: string;
}

export interface ChartProps {
  readonly title: string;
  readonly about: string;
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  /** Milliseconds up to the last of them that are shown: all charts of a view show the same. */
  readonly span: number;
  readonly lines: readonly Line[];
  /** How a value is said, on the axis and in the legend. */
  say(value: number): string;
  /** The least height of the scale, so that noise near zero does not look like a mountain. */
  readonly atLeast: number;
}

export function Chart({ title, about, times, span, lines, say, atLeast }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = isDark();
  const shown = useRef(span);
  shown.current = span;
  const data = [times.map((at) => at / 1000), ...lines.map(({ values }) => [...values])];

  useEffect(() => {
    if (plotter.peek() !== undefined) return;
    attempt(async () => {
      plotter.value = (await import("uplot")).default;
    });
  }, []);

  const Plot = plotter.value;
  // A new plot for a new theme; new data alone goes into the one that is there.
  useEffect(() => {
    if (Plot === undefined) return;
    const element = place.current as HTMLDivElement;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour("quiet"),
      font: `${style.getPropertyValue("--size-1")} ${style.getPropertyValue("--sans")}`,
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
    };
    const own = new Plot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        padding: [8, EDGE, 0, 0],
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: "charts" } },
        legend: { live: true },
        scales: {
          x: { range: (_plot, _min, max) => [max - shown.current / 1000, max] },
          y: { range: (_plot, _min, max) => [0, Math.max(atLeast, (max ?? 0) * 1.1)] },
        },
        axes: [
          {
            ...axis,
            space: 90,
            size: 26,
            values: (_plot: uPlot, ticks: number[], _axis: number, _space: number, step: number) =>
              ticks.map((tick) => clock(tick * 1000, step * 1000)),
          },
          {
            ...axis,
            size: 62,
            values: (_plot: uPlot, ticks: number[]) => ticks.map((tick) => say(tick)),
          },
        ],
        bands: lines.flatMap(({ bandDownTo, colour: name }, i) => {
          const down = lines.findIndex((line) => line.name === bandDownTo);
          return down < 0
            ? []
            : [{ series: [i + 1, down + 1] as [number, number], fill: faint(colour(name)) }];
        }),
        series: [
          { label: "Time", value: (_plot, at) => (at === null ? "" : clock(at * 1000, 1000)) },
          ...lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: line.bandDownTo === undefined ? 1.5 : 0,
            points: { size: 5, filter: alone },
            ...(line.filled ? { fill: faint(colour(line.colour)) } : {}),
            ...(line.dashed ? { dash: [4, 3] } : {}),
            value: (_plot: uPlot, value: number | null) => (value === null ? "–" : say(value)),
          })),
        ],
      },
      data as uPlot.AlignedData,
      element,
    );
    plot.current = own;
    const resized = new ResizeObserver(() => {
      own.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      own.destroy();
    };
  }, [Plot, dark, lines.map(({ name }) => name).join()]);

  useEffect(() => {
    const own = plot.current;
    own?.setData(data as uPlot.AlignedData);
    // Nobody points at anything: the legend says the newest values.
    // After the plot has taken the data, which is when it forgets them.
    queueMicrotask(() => {
      if (own !== plot.current || own?.cursor.idx != null) return;
      own?.setLegend({ idx: times.length - 1 });
    });
  });

  const last = lines
    .map(({ name, values }) => {
      const value = values.at(-1);
      return `${name} ${value == null ? "none" : say(value)}`;
    })
    .join(", ");
  return (
    <figure class="chart panel">
      <figcaption>
        <strong>{title}</strong>
        <span class="quiet">{about}</span>
      </figcaption>
      <div ref={place} class="chart-place" role="img" aria-label={`${title}. Last: ${last}`} />
    </figure>
  );
}

/** The points that no line goes to, which would not be seen. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  return Array.from(values.keys()).filter(
    (i) => values[i] != null && values[i - 1] == null && values[i + 1] == null,
  );
}

function faint(colour: string): string {
  return `color-mix(in srgb, ${colour} 16%, transparent)`;
}
