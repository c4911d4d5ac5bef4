// useDrawing: a canvas on which the lanes are painted as they grow, and what is on it.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isDark, reducedMotion } from "../theme.ts";
import { Camera } from "./camera.ts";
import type { Seen } from "./paint.ts";
import { Painter } from "./painter.ts";
import type { Row } from "./rows.ts";
import type { Bar } from "./timeline.ts";

/** The picture of the lanes. */
export interface Drawing {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  /** Lies on that, with what is marked. */
  readonly overlay: RefObject<HTMLCanvasElement | null>;
  readonly camera: Camera;
  /** What stands where in it. */
  readonly rows: Signal<readonly Row[]>;
  readonly seen: Signal<Seen>;
  /** Marks a bar in it, or none. */
  mark(bar: Bar | undefined): void;
  /** Paints it anew, because the camera has moved. */
  moved(): void;
}

/** Draws the lanes of all executors, or of one. */
export function useDrawing(executor: string | undefined): Drawing {
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const camera = useMemo(() => new Camera(), []);
  const rows = useSignal<readonly Row[]>([]);
  const seen = useSignal<Seen>({ bars: 0, jobs: 0 });
  const painter = useRef<Painter>(null);
  const dark = isDark();
  const still = reducedMotion.value;

  useEffect(() => {
    const places = [canvas.current, overlay.current] as [HTMLCanvasElement, HTMLCanvasElement];
    const own = new Painter(places, camera, {
      executor,
      still,
      onRows: (next) => {
        if (!isSame(rows.peek(), next)) rows.value = next;
      },
      onPainted: (next) => {
        const { bars, jobs } = seen.peek();
        if (bars !== next.bars || jobs !== next.jobs) seen.value = next;
      },
    });
    painter.current = own;
    return () => own.stop();
  }, [executor, still, dark]);

  return {
    canvas,
    overlay,
    camera,
    rows,
    seen,
    mark: (bar) => painter.current?.mark(bar),
    moved: () => painter.current?.wake(),
  };
}

/** Rows are laid out anew with every picture; names beside them are drawn anew only where they are others. */
function isSame(before: readonly Row[], after: readonly Row[]): boolean {
  return (
    before.length === after.length &&
    before.every((row, i) => {
      const other = after[i] as Row;
      if (row.top !== other.top) return false;
      return row.what === "lane"
        ? other.what === "lane" && row.lane === other.lane
        : other.what === "heading" &&
            row.executor === other.executor &&
            row.isIdle === other.isIdle;
    })
  );
}
