// useLooking: what a reader looks at in the lanes: which span of time, and which bar.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { shownAt } from "../connection.ts";
import { executors, timeline } from "../live.ts";
import { heldSpan, pointedAt, pointedWithin } from "../shared_time.ts";
import type { Drawing } from "./drawing.ts";
import type { Hover } from "./labels.tsx";
import { laneAt, laneRows, rowsOf } from "./rows.ts";
import { barAt } from "./timeline.ts";

/** A bar is hit from this far away, in CSS pixels: single pixels are hard to point at. */
const REACH = 4;

const ZOOM_STEP = 1.4;
const PAN_STEP = 0.15;

/** What a reader looks at, and how to look elsewhere. */
export interface Looking {
  readonly following: Signal<boolean>;
  readonly hover: Signal<Hover | undefined>;
  /** Whether the bar was chosen by keyboard: it stays chosen when the pointer, somewhere else, goes away. */
  isByKeyboard(): boolean;
  /** The bar below a pointer. */
  at(event: PointerEvent): Hover | undefined;
  show(bar: Hover | undefined): void;
  /** Tells charts which moment is pointed at. */
  point(event: PointerEvent | undefined): void;
  /** Goes from bar to bar, in the order of their starts, over all lanes. */
  step(by: 1 | -1): void;
  /** Moves by a part of the picture's width. */
  pan(by: number): void;
  panStep(by: 1 | -1): void;
  /** Zooms about a place, as a part of the picture's width: out by a factor above 1. */
  zoom(factor: number, about: number): void;
  zoomStep(by: 1 | -1, about: number): void;
  toggle(): void;
  /** Shows all that is known, or a span of time. */
  fit(span?: { readonly from: number; readonly to: number }): void;
}

export function useLooking(drawing: Drawing, executor: string | undefined): Looking {
  const { canvas, camera, rows, mark, moved } = drawing;
  const following = useSignal(true);
  const hover = useSignal<Hover | undefined>(undefined);
  const byKeyboard = useRef(false);
  // Who comes back finds the lanes following, and so the charts.
  useEffect(
    () => () => {
      heldSpan.value = undefined;
      pointedAt.value = undefined;
    },
    [],
  );

  /** Does something to the camera, and shows it. */
  function look(change: (now: number) => void): void {
    change(shownAt());
    following.value = camera.following;
    heldSpan.value = camera.following ? undefined : camera.window(shownAt());
    hover.value = undefined;
    mark(undefined);
    moved();
  }

  function show(found: Hover | undefined, isByKeyboard = false): void {
    byKeyboard.current = isByKeyboard;
    hover.value = found;
    mark(found?.bar);
  }

  function at(event: PointerEvent): Hover | undefined {
    const box = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = laneAt(rows.peek(), y);
    if (row === undefined) return undefined;
    const { from } = camera.window(shownAt());
    const scale = camera.span / box.width;
    const bar = barAt(row.lane.bars, from + x * scale, shownAt(), REACH * scale);
    return bar && { bar, x, y };
  }

  function point(event: PointerEvent | undefined): void {
    const box = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    pointedWithin.value = camera.span / box.width;
    pointedAt.value =
      event === undefined
        ? undefined
        : camera.window(shownAt()).from + ((event.clientX - box.left) / box.width) * camera.span;
  }

  function step(by: 1 | -1): void {
    const { from, to } = camera.window(shownAt());
    // As they are now: what is told of the picture may be a moment behind it.
    const shown = timeline.lanesIn(from, to, executor);
    const inView = laneRows(rowsOf(shown, executors.peek(), { from, to }));
    const bars = inView
      .flatMap(({ lane }) => lane.bars)
      .filter((bar) => bar.startedAt >= from && bar.startedAt <= to)
      .sort((a, b) => a.startedAt - b.startedAt);
    const chosen = bars.findIndex(({ key }) => key === hover.peek()?.bar.key);
    const next = chosen < 0 ? bars.at(by === 1 ? 0 : -1) : bars[chosen + by];
    if (next === undefined) return;
    if (camera.following) look((now) => camera.pause(now));
    const window = camera.window(shownAt());
    const width = canvas.current?.getBoundingClientRect().width ?? 0;
    const row = inView.find(({ lane }) => lane.key === next.lane);
    const x = ((next.startedAt - window.from) / camera.span) * width;
    const y = row === undefined ? 0 : row.top + row.height / 2;
    show({ bar: next, x: Math.max(0, x), y }, true);
  }

  const pan = (by: number) => look((now) => camera.pan(by, now));
  const zoom = (factor: number, about: number) => look((now) => camera.zoom(factor, about, now));
  return {
    following,
    hover,
    isByKeyboard: () => byKeyboard.current,
    at,
    show: (found) => show(found),
    point,
    step,
    pan,
    panStep: (by) => pan(by * PAN_STEP),
    zoom,
    zoomStep: (by, about) => zoom(by === 1 ? ZOOM_STEP : 1 / ZOOM_STEP, about),
    toggle: () => look((now) => (camera.following ? camera.pause(now) : camera.follow())),
    fit(span = timeline.span()) {
      if (span) look(() => camera.fit(span.from, Math.max(span.to, span.from + 1)));
    },
  };
}
