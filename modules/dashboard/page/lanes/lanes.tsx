// Lanes: the timeline of all workers, painted as it grows, with everything to look around in it.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { shownAt } from "../connection.ts";
import { count } from "../format.ts";
import { timeline } from "../live.ts";
import { Icon } from "../parts/icon.tsx";
import { openPanel } from "../route.ts";
import { isDark, reducedMotion } from "../theme.ts";
import { Camera } from "./camera.ts";
import { Details, type Hover, LaneName, Legend } from "./labels.tsx";
import { ROW, RULER } from "./paint.ts";
import { Painter } from "./painter.ts";
import { barAt, type Lane } from "./timeline.ts";

/** A bar is hit from this far away, in CSS pixels: single pixels are hard to point at. */
const REACH = 4;

/** A press that moves further than this is a drag, not a click. */
const DRAG = 4;

const ZOOM_STEP = 1.4;
const PAN_STEP = 0.15;

/** Shows the lanes of all executors, or of one. */
export function Lanes({ executor }: { executor?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useMemo(() => new Camera(), []);
  const lanes = useSignal<readonly Lane[]>([]);
  const following = useSignal(true);
  const hover = useSignal<Hover | undefined>(undefined);
  const seen = useSignal(0);
  const painter = useRef<Painter>(null);
  const dark = isDark();
  const still = reducedMotion.value;

  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const own = new Painter(element, camera, {
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

  /** Does something to the camera, and shows it. */
  function look(change: (now: number) => void): void {
    change(shownAt());
    following.value = camera.following;
    hover.value = undefined;
    painter.current?.mark(undefined);
  }

  function point(event: PointerEvent): Hover | undefined {
    const element = canvas.current as HTMLCanvasElement;
    const box = element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const lane = lanes.peek()[Math.floor((y - RULER) / ROW)];
    if (lane === undefined) return undefined;
    const { from } = camera.window(shownAt());
    const scale = camera.span / box.width;
    const bar = barAt(lane.bars, from + x * scale, shownAt(), REACH * scale);
    return bar && { bar, x, y };
  }

  /** A bar chosen by keyboard stays chosen when the pointer, somewhere else, goes away. */
  const byKeyboard = useRef(false);
  function showBar(found: Hover | undefined, isByKeyboard = false): void {
    byKeyboard.current = isByKeyboard;
    hover.value = found;
    painter.current?.mark(found?.bar);
  }

  /** Goes from bar to bar by keyboard, in the order of their starts, over all lanes. */
  function step(by: 1 | -1): void {
    const { from, to } = camera.window(shownAt());
    // As they are now: what is told of the picture may be a moment behind it.
    const inView = timeline.lanesIn(from, to, executor);
    const bars = inView
      .flatMap((lane) => lane.bars)
      .filter((bar) => bar.startedAt >= from && bar.startedAt <= to)
      .sort((a, b) => a.startedAt - b.startedAt);
    const at = bars.findIndex(({ key }) => key === hover.peek()?.bar.key);
    const next = at < 0 ? bars.at(by === 1 ? 0 : -1) : bars[at + by];
    if (next === undefined) return;
    if (camera.following) look((at) => camera.pause(at));
    const window = camera.window(shownAt());
    const width = canvas.current?.getBoundingClientRect().width ?? 0;
    const row = inView.findIndex(({ key }) => key === next.lane);
    const x = ((next.startedAt - window.from) / camera.span) * width;
    showBar({ bar: next, x: Math.max(0, x), y: RULER + row * ROW + ROW / 2 }, true);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const actions: Record<string, () => void> = {
      ArrowLeft: () => look((at) => camera.pan(-PAN_STEP, at)),
      ArrowRight: () => look((at) => camera.pan(PAN_STEP, at)),
      "+": () => look((at) => camera.zoom(1 / ZOOM_STEP, 0.5, at)),
      "=": () => look((at) => camera.zoom(1 / ZOOM_STEP, 0.5, at)),
      "-": () => look((at) => camera.zoom(ZOOM_STEP, 0.5, at)),
      f: toggle,
      " ": toggle,
      "0": fit,
      n: () => step(1),
      p: () => step(-1),
      Enter: () => hover.value && openPanel(hover.value.bar.jobId),
      Escape: () => showBar(undefined),
    };
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  function toggle(): void {
    look((at) => (camera.following ? camera.pause(at) : camera.follow()));
  }

  function fit(): void {
    const span = timeline.span();
    if (span) look(() => camera.fit(span.from, Math.max(span.to, span.from + 1)));
  }

  // Not passive, because the page must not scroll while the wheel zooms.
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    function onWheel(event: WheelEvent): void {
      // The wheel alone scrolls the page: it is not taken away from who only passes by.
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
      if (!sideways && !event.ctrlKey && !event.metaKey && !event.altKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      if (sideways) {
        const delta = event.deltaX || event.deltaY;
        look((at) => camera.pan(delta / box.width, at));
      } else {
        const factor = Math.exp(event.deltaY * 0.003);
        look((at) => camera.zoom(factor, (event.clientX - box.left) / box.width, at));
      }
    }
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const resting = useRef("");
  const drag = useRef<{ x: number; moved: boolean }>(null);
  function onPointerDown(event: PointerEvent): void {
    drag.current = { x: event.clientX, moved: false };
    canvas.current?.setPointerCapture(event.pointerId);
  }
  function onPointerMove(event: PointerEvent): void {
    const from = drag.current;
    // A browser tells of a pointer that rests when something moves below it; a bar chosen by keyboard stays chosen.
    const rests = resting.current === `${event.clientX} ${event.clientY}`;
    resting.current = `${event.clientX} ${event.clientY}`;
    if (from === null) return rests ? undefined : showBar(point(event));
    if (!from.moved && Math.abs(event.clientX - from.x) < DRAG) return;
    from.moved = true;
    const width = canvas.current?.getBoundingClientRect().width ?? 1;
    const part = (from.x - event.clientX) / width;
    from.x = event.clientX;
    look((at) => camera.pan(part, at));
  }
  function onPointerUp(event: PointerEvent): void {
    const { current } = drag;
    drag.current = null;
    if (current === null || current.moved) return;
    const found = point(event);
    showBar(found);
    if (found && event.pointerType !== "touch") openPanel(found.bar.jobId);
  }

  const height = RULER + Math.max(lanes.value.length, 4) * ROW;
  return (
    <section class="lanes panel" aria-label="Worker lanes">
      <div class="lanes-head">
        <h2>Worker lanes</h2>
        <Legend lanes={lanes.value} />
        <div class="lanes-tools" role="group" aria-label="Look around">
          <button type="button" onClick={toggle} aria-pressed={following.value}>
            <Icon name={following.value ? "pause" : "play"} />
            {following.value ? "Pause" : "Follow live"}
          </button>
          <button
            type="button"
            class="square"
            onClick={() => look((at) => camera.zoom(ZOOM_STEP, following.peek() ? 1 : 0.5, at))}
            aria-label="Zoom out"
            title="Zoom out"
          >
            <Icon name="minus" />
          </button>
          <button
            type="button"
            class="square"
            onClick={() => look((at) => camera.zoom(1 / ZOOM_STEP, following.peek() ? 1 : 0.5, at))}
            aria-label="Zoom in"
            title="Zoom in"
          >
            <Icon name="plus" />
          </button>
          <button
            type="button"
            class="square"
            onClick={fit}
            aria-label="Show everything"
            title="Show everything"
          >
            <Icon name="fit" />
          </button>
        </div>
      </div>
      <div class="lanes-body" style={{ "--row": `${ROW}px`, "--ruler": `${RULER}px` }}>
        <ol class="lane-names" aria-label="Workers">
          {lanes.value.map((lane, row) => (
            <LaneName
              key={lane.key}
              lane={lane}
              first={lanes.value[row - 1]?.executor !== lane.executor}
            />
          ))}
        </ol>
        <div
          class="lanes-view"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is looked around in by keyboard
          tabIndex={0}
          role="application"
          aria-roledescription="timeline"
          aria-label={`Timeline of ${count(lanes.value.length)} workers, ${count(seen.value)} bars in view. Arrows pan, plus and minus zoom, N and P go from bar to bar, Enter opens one, F follows.`}
          onKeyDown={onKeyDown}
        >
          <canvas
            ref={canvas}
            style={{ height: `${height}px` }}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerCancel={() => {
              drag.current = null;
            }}
            onPointerLeave={() => {
              if (drag.current === null && !byKeyboard.current) showBar(undefined);
            }}
            onDblClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              look((at) => camera.zoom(1 / 2, (event.clientX - box.left) / box.width, at));
            }}
          />
          {lanes.value.length === 0 && (
            <p class="lanes-empty">
              <span>
                No worker is running. Each worker gets a lane here, and each job it runs a bar.
                Workers start with the first job.
              </span>
            </p>
          )}
        </div>
      </div>
      {hover.value && <Details hover={hover.value} box={canvas.current?.getBoundingClientRect()} />}
      <p class="lanes-foot hint">
        <span>{count(seen.value)} bars in view</span>
        <span class="wide-only">
          Drag to pan, Ctrl and wheel to zoom, click a bar to open its job.
        </span>
      </p>
    </section>
  );
}
