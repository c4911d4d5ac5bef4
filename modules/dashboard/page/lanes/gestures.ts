// useGestures: looks around in the lanes by pointer, wheel and keyboard.

import { useEffect, useRef } from "preact/hooks";
import { openPanel } from "../route.ts";
import type { Drawing } from "./drawing.ts";
import type { Looking } from "./looking.ts";

/** A press that moves further than this is a drag, not a click. */
const DRAG = 4;

/** Handles what a reader does to the canvas, and to what it lies in. */
export function useGestures({ canvas }: Drawing, looking: Looking) {
  useWheel(canvas, looking);
  return { onKeyDown: keysOf(looking), onCanvas: usePointer(canvas, looking) };
}

/** The wheel pans and zooms, where it is meant to. */
function useWheel(canvas: Drawing["canvas"], looking: Looking): void {
  // Not passive, because the page must not scroll while the wheel zooms.
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    function onWheel(event: WheelEvent): void {
      // The wheel alone scrolls the page: it is not taken away from who only passes by.
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (!sideways && !event.ctrlKey && !event.metaKey && !event.altKey) return;
      event.preventDefault();
      const { left, width } = element.getBoundingClientRect();
      if (sideways) looking.pan((event.deltaX || event.deltaY) / width);
      else looking.zoom(Math.exp(event.deltaY * 0.003), (event.clientX - left) / width);
    }
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);
}

/** The keys go from bar to bar, pan and zoom. */
function keysOf(looking: Looking): (event: KeyboardEvent) => void {
  const { hover } = looking;
  const actions: Record<string, () => void> = {
    ArrowLeft: () => looking.panStep(-1),
    ArrowRight: () => looking.panStep(1),
    "+": () => looking.zoomStep(-1, 0.5),
    "=": () => looking.zoomStep(-1, 0.5),
    "-": () => looking.zoomStep(1, 0.5),
    f: looking.toggle,
    " ": looking.toggle,
    "0": () => looking.fit(),
    n: () => looking.step(1),
    p: () => looking.step(-1),
    Enter: () => hover.value && openPanel(hover.value.bar.jobId),
    Escape: () => looking.show(undefined),
  };
  return (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
}

/** The pointer tells of the bar below it, drags, and opens a bar's job; two fingers zoom. */
function usePointer(canvas: Drawing["canvas"], looking: Looking) {
  const resting = useRef("");
  const drag = useRef<{ x: number; moved: boolean }>(null);
  const fingers = useRef(new Map<number, number>());

  /** Two fingers keep below them what they began on. */
  function pinch(event: PointerEvent): void {
    const { left, width } = canvas.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    const between = () => {
      const [a = 0, b = 0] = [...fingers.current.values()];
      return { apart: Math.max(1, Math.abs(a - b)), middle: (a + b) / 2 };
    };
    const before = between();
    fingers.current.set(event.pointerId, event.clientX);
    const after = between();
    looking.pan((before.middle - after.middle) / width);
    looking.zoom(before.apart / after.apart, (after.middle - left) / width);
  }

  function lift(event: PointerEvent): void {
    fingers.current.delete(event.pointerId);
  }

  return {
    onPointerDown(event: PointerEvent) {
      fingers.current.set(event.pointerId, event.clientX);
      // What two fingers do is neither a drag nor a click, until both are gone.
      const isAlone = fingers.current.size === 1;
      drag.current = { x: event.clientX, moved: !isAlone };
      canvas.current?.setPointerCapture(event.pointerId);
    },
    onPointerMove(event: PointerEvent) {
      if (fingers.current.size > 1 && fingers.current.has(event.pointerId)) return pinch(event);
      looking.point(event);
      const from = drag.current;
      // A browser tells of a pointer that rests when something moves below it; a bar chosen by keyboard stays chosen.
      const place = `${event.clientX} ${event.clientY}`;
      const rests = resting.current === place;
      resting.current = place;
      if (from === null) return rests ? undefined : looking.show(looking.at(event));
      if (!from.moved && Math.abs(event.clientX - from.x) < DRAG) return;
      from.moved = true;
      const width = canvas.current?.getBoundingClientRect().width ?? 1;
      const part = (from.x - event.clientX) / width;
      from.x = event.clientX;
      looking.pan(part);
    },
    onPointerUp(event: PointerEvent) {
      lift(event);
      const { current } = drag;
      const [left] = fingers.current.values();
      drag.current = left === undefined ? null : { x: left, moved: true };
      if (current === null || current.moved) return;
      const before = looking.hover.peek();
      const found = looking.at(event);
      looking.show(found);
      // A finger points first, and opens what it has pointed at.
      const points = event.pointerType !== "touch" || before?.bar.key === found?.bar.key;
      if (found && points) openPanel(found.bar.jobId);
    },
    onPointerCancel(event: PointerEvent) {
      lift(event);
      drag.current = null;
    },
    onPointerLeave(event: PointerEvent) {
      // A finger leaves when it is lifted; what it pointed at stays.
      if (event.pointerType === "touch") return;
      looking.point(undefined);
      if (drag.current === null && !looking.isByKeyboard()) looking.show(undefined);
    },
    onDblClick(event: MouseEvent) {
      const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
      looking.zoom(1 / 2, (event.clientX - left) / width);
    },
  };
}
