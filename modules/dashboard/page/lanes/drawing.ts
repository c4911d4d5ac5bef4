// useDrawing: a canvas on which the lanes are painted as they grow, and what is on it.

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isDark, reducedMotion } from "../theme.ts";
import { Camera } from "./camera.ts";
import { Painter } from "./painter.ts";
import type { Bar, Lane } from "./timeline.ts";

/** The picture of the lanes. */
export interface Drawing {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly camera: Camera;
  /** The lanes in it, from above. */
  readonly lanes: Signal<readonly Lane[]>;
  /** How many bars are in it. */
  readonly seen: Signal<number>;
  /** Marks a bar in it, or none. */
  mark(bar: Bar | undefined): void;
}

/** Draws the lanes of all executors, or of one. */
export function useDrawing(executor: string | undefined): Drawing {
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useMemo(() => new Camera(), []);
  const lanes = useSignal<readonly Lane[]>([]);
  const seen = useSignal(0);
  const painter = useRef<Painter>(null);
  const dark = isDark();
  const still = reducedMotion.value;

  useEffect(() => {
    const own = new Painter(canvas.current as HTMLCanvasElement, camera, {
      executor,
      still,
      onLanes: (next) => {
        lanes.value = next;
      },
      onPainted: (bars) => {
        if (seen.peek() !== bars) seen.value = bars;
      },
    });
    painter.current = own;
    return () => own.stop();
  }, [executor, still, dark]);

  return { canvas, camera, lanes, seen, mark: (bar) => painter.current?.mark(bar) };
}
