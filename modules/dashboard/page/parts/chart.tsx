// Chart: lines over time, drawn by uPlot in the colours of the style sheet.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { clock } from "../lanes/ticks.ts";
import { attempt } from "../notices.ts";
import { pointedAt, type TimeSpan } from "../shared_time.ts";
import { isDark } from "../theme.ts";
import { LINE, EDGE as MARGIN, type Saved, SavePicture } from "./save_picture.tsx";

/** A quarter of the page's code: fetched with the first chart, which has its place already. */
const plotter = signal<typeof uPlot | undefined>(undefined);

/** Below that no line is told from another, however low its place is. */
const LEAST_HEIGHT = 120;

/** Room at the right for half of the last time on the axis. */
const EDGE = 30;

/** Steps on an axis of whole numbers. */
const WHOLE_STEPS = Array.from({ length: 10 }, (_, n) =>
  [1, 2, 5].map((step) => step * 10 ** n),
).flat();

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
  /** What of them is shown, or so many milliseconds up to the last: all charts of a view show the same. */
  readonly span: number | TimeSpan;
  readonly lines: readonly Line[];
  /** Whether values are numbers of things, of which there are no halves. */
  readonly isWhole?: boolean;
  /** How a value is said, on the axis and in the legend. */
  say(value: number): string;
  /** The least height of the scale, so that noise near zero does not look like a mountain. */
  readonly atLeast: number;
}

export function Chart(props: ChartProps) {
  const { title, about, times, span, lines, say, atLeast, isWhole = false } = props;
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
        height: LEAST_HEIGHT,
        padding: [8, EDGE, 0, 0],
        cursor: { y: false, drag: { x: false, y: false } },
        legend: { live: true },
        scales: {
          x: {
            range: (_plot, _min, last) => {
              const { current: span } = shown;
              // Before there is a point, it is about now.
              const max = last ?? Date.now() / 1000;
              if (typeof span === "number") return [max - span / 1000, max];
              return [span.from / 1000, span.to / 1000];
            },
          },
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
            ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
            space: 36,
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
            // Before there is a point, there is nothing at its place.
            value: (_plot: uPlot, value?: number | null) => (value == null ? "–" : say(value)),
          })),
        ],
      },
      data as uPlot.AlignedData,
      element,
    );
    plot.current = own;
    // Its place is as high as the page has room for, and does not grow with what lies in it.
    const resized = new ResizeObserver(() => {
      const legend = own.root.querySelector<HTMLElement>(".u-legend")?.offsetHeight ?? 0;
      const height = Math.max(LEAST_HEIGHT, element.clientHeight - legend);
      own.setSize({ width: element.clientWidth, height });
    });
    resized.observe(element);
    // All charts and the lanes mark the same moment, whichever of them is pointed at.
    const follow = pointedAt.subscribe((at) => {
      const left = at === undefined ? -10 : own.valToPos(at / 1000, "x");
      own.setCursor({ left, top: at === undefined ? -10 : 1 });
    });
    own.over.addEventListener("pointermove", ({ offsetX }) => {
      pointedAt.value = own.posToVal(offsetX, "x") * 1000;
    });
    own.over.addEventListener("pointerleave", () => {
      pointedAt.value = undefined;
    });
    return () => {
      follow();
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

  function picture(): Saved {
    const drawn = place.current?.querySelector("canvas");
    if (!drawn) throw new Error("Cannot save picture: the chart is not drawn yet");
    const style = getComputedStyle(document.documentElement);
    const [width, height] = [drawn.clientWidth, drawn.clientHeight];
    const below = MARGIN + LINE + height + LINE / 2;
    return {
      name: title.toLowerCase().replaceAll(" ", "_"),
      width: width + 2 * MARGIN,
      height: below + LINE,
      canvases: [drawn],
      left: MARGIN,
      top: MARGIN + LINE,
      words: [
        { text: title, left: MARGIN, middle: LINE, isStrong: true },
        { text: about, left: MARGIN + 110, middle: LINE },
        ...lines.map(({ name, colour }, i) => ({
          text: name,
          left: MARGIN + 54 + i * 90,
          middle: below,
          swatch: style.getPropertyValue(`--${colour}`).trim(),
        })),
      ],
    };
  }

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
        <SavePicture what={`the chart of ${title.toLowerCase()}`} of={picture} />
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
