// Chart: lines over time, drawn by uPlot in the colours of the style sheet.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { clock } from "../lanes/ticks.ts";
import { isDark } from "../theme.ts";

const HEIGHT = 180;

/** Seconds that are shown at least. */
const SHORTEST = 60;

export interface Line {
  readonly name: string;
  /** A name of a colour in the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly filled?: boolean;
  readonly dashed?: boolean;
}

export interface ChartProps {
  readonly title: string;
  readonly about: string;
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** How a value is said, on the axis and in the legend. */
  say(value: number): string;
  /** The least height of the scale, so that noise near zero does not look like a mountain. */
  readonly atLeast: number;
}

export function Chart({ title, about, times, lines, say, atLeast }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = isDark();
  const data = [times.map((at) => at / 1000), ...lines.map(({ values }) => [...values])];

  // A new plot for a new theme; new data alone goes into the one that is there.
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour("quiet"),
      font: `11px ${style.getPropertyValue("--sans")}`,
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
    };
    const own = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: "charts" } },
        legend: { live: true },
        scales: {
          x: { range: (_plot, min, max) => [Math.min(min, max - SHORTEST), max] },
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
        series: [
          { label: "Time", value: (_plot, at) => (at === null ? "" : clock(at * 1000, 1000)) },
          ...lines.map((line) => ({
            label: line.name,
            stroke: colour(line.colour),
            width: 1.5,
            points: { show: false },
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
  }, [dark, lines.map(({ name }) => name).join()]);

  useEffect(() => {
    const own = plot.current;
    own?.setData(data as uPlot.AlignedData);
    // Nobody points at anything: the legend says the newest values.
    if (own?.cursor.idx == null) own?.setLegend({ idx: times.length - 1 });
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

function faint(colour: string): string {
  return `color-mix(in srgb, ${colour} 16%, transparent)`;
}
