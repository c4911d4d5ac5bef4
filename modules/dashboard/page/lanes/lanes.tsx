// Lanes: the timeline of all workers, painted as it grows, with everything to look around in it.

import { count } from "../format.ts";
import { Icon } from "../parts/icon.tsx";
import { useDrawing } from "./drawing.ts";
import { useGestures } from "./gestures.ts";
import { Details, LaneName, Legend } from "./labels.tsx";
import { type Looking, useLooking } from "./looking.ts";
import { ROW, RULER } from "./scene.ts";

/** Rows that there is room for, however few workers there are. */
const LEAST_ROWS = 4;

/** Shows the lanes of all executors, or of one. */
export function Lanes({ executor }: { executor?: string }) {
  const drawing = useDrawing(executor);
  const looking = useLooking(drawing, executor);
  const { onKeyDown, onCanvas } = useGestures(drawing, looking);
  const { canvas } = drawing;
  const lanes = drawing.lanes.value;
  const seen = count(drawing.seen.value);
  const hover = looking.hover.value;
  const height = RULER + Math.max(lanes.length, LEAST_ROWS) * ROW;
  return (
    <section class="lanes panel" aria-label="Worker lanes">
      <div class="lanes-head">
        <h2>Worker lanes</h2>
        <Legend lanes={lanes} />
        <Tools looking={looking} />
      </div>
      <div class="lanes-body" style={{ "--row": `${ROW}px`, "--ruler": `${RULER}px` }}>
        <ol class="lane-names" aria-label="Workers">
          {lanes.map((lane, row) => (
            <LaneName
              key={lane.key}
              lane={lane}
              first={lanes[row - 1]?.executor !== lane.executor}
            />
          ))}
        </ol>
        <div
          class="lanes-view"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is looked around in by keyboard
          tabIndex={0}
          role="application"
          aria-roledescription="timeline"
          aria-label={`Timeline of ${count(lanes.length)} workers, ${seen} bars in view. Arrows pan, plus and minus zoom, N and P go from bar to bar, Enter opens one, F follows.`}
          onKeyDown={onKeyDown}
        >
          <canvas ref={canvas} style={{ height: `${height}px` }} {...onCanvas} />
          {lanes.length === 0 && (
            <p class="lanes-empty">
              <span>
                No worker is running. Each worker gets a lane here, and each job it runs a bar.
                Workers start with the first job.
              </span>
            </p>
          )}
        </div>
      </div>
      {hover && <Details hover={hover} box={canvas.current?.getBoundingClientRect()} />}
      <p class="lanes-foot hint">
        <span>{seen} bars in view</span>
        <span class="wide-only">
          Drag to pan, Ctrl and wheel to zoom, click a bar to open its job.
        </span>
      </p>
    </section>
  );
}

/** Looks around by buttons. */
function Tools({ looking }: { looking: Looking }) {
  const { following, toggle, fit, zoomStep } = looking;
  // While the present is followed, it stays where it is.
  const about = () => (following.peek() ? 1 : 0.5);
  return (
    <div class="lanes-tools" role="group" aria-label="Look around">
      <button type="button" onClick={toggle} aria-pressed={following.value}>
        <Icon name={following.value ? "pause" : "play"} />
        {following.value ? "Pause" : "Follow live"}
      </button>
      <Tool name="Zoom out" icon="minus" onClick={() => zoomStep(1, about())} />
      <Tool name="Zoom in" icon="plus" onClick={() => zoomStep(-1, about())} />
      <Tool name="Show everything" icon="fit" onClick={fit} />
    </div>
  );
}

function Tool({
  name,
  icon,
  onClick,
}: {
  name: string;
  icon: "minus" | "plus" | "fit";
  onClick(): void;
}) {
  return (
    <button type="button" class="square" onClick={onClick} aria-label={name} title={name}>
      <Icon name={icon} />
    </button>
  );
}
