// Race: the picture beside the executors that draw it, each with its clock, and the one button that starts them.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { duration } from "../../../../modules/dashboard/page/format.ts";
import { can } from "../../../../modules/dashboard/page/live.ts";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { reducedMotion } from "../../../../modules/dashboard/page/theme.ts";
import { part } from "./mosaic.ts";
import { MosaicPicture } from "./mosaic.tsx";
import { farther, TILES, WHOLE_SET } from "./plane.ts";
import {
  drawer,
  type Racer,
  race,
  racers,
  ranking,
  type Standing,
  show,
  standings,
  stop,
  underWay,
  zoomer,
} from "./race.ts";

const ALL_TILES = TILES * TILES;

/** The names of those that run it, before the server has told its own. */
const USUAL = ["One event loop", "Threads", "Processes", "Your browser"];

export function Race() {
  const all = racers.value;
  const going = underWay.value;
  return (
    <section class="race" aria-label="The race">
      <div class="race-picture">
        <MosaicPicture />
        <p class="hint race-hint">
          <span>
            {`Click to look closer: 64 new jobs on ${titleOf(zoomer.value).toLowerCase()}.`}
          </span>
          {part.value !== WHOLE_SET && (
            <>
              <button type="button" class="link" onClick={() => void show(farther(part.peek()))}>
                Step back
              </button>
              <button type="button" class="link" onClick={() => void show(WHOLE_SET)}>
                The whole set
              </button>
            </>
          )}
        </p>
      </div>
      <div class="race-start">
        {going === "race" ? (
          <button type="button" class="race-button" onClick={stop}>
            <Icon name="stop" />
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="primary race-button"
            disabled={all.length === 0 || !can("submit")}
            onClick={() => void race()}
          >
            <Icon name="play" />
            {standings.value.size === 0 ? "Start the race" : "Race again"}
          </button>
        )}
      </div>
      <div class="race-board panel">
        <h2>64 jobs, one after another on each executor</h2>
        <ol class="racers">
          {all.length === 0
            ? USUAL.map((title) => <Unknown key={title} title={title} />)
            : all.map((racer) => <Lane key={racer.name} racer={racer} />)}
        </ol>
        <p class="race-said" role="status">
          {said()}
        </p>
      </div>
    </section>
  );
}

function Unknown({ title }: { title: string }) {
  return (
    <li class="racer">
      <span class="racer-name">{title}</span>
      <span class="racer-time">–</span>
      <span class="racer-track" />
      <span class="racer-about">&nbsp;</span>
    </li>
  );
}

function Lane({ racer: { name, title, about } }: { racer: Racer }) {
  const standing = standings.value.get(name);
  const { state = "waits", tiles = 0, why } = standing ?? {};
  const [first, second] = ranking.value;
  const isFastest = underWay.value !== "race" && second !== undefined && first?.name === name;
  return (
    <li class="racer" data-state={state} data-fastest={isFastest}>
      <span class="racer-name">
        {title}
        {isFastest && <span class="tag">fastest</span>}
      </span>
      <Clock standing={standing} />
      <span class="racer-track">
        <span class="racer-bar" style={{ width: `${(tiles / ALL_TILES) * 100}%` }} />
      </span>
      <span class="racer-about">
        {state === "failed"
          ? `${why}, ${tiles} of ${ALL_TILES} tiles`
          : state === "starts"
            ? "starts its workers"
            : state === "runs"
              ? `${tiles} of ${ALL_TILES} tiles`
              : about}
      </span>
    </li>
  );
}

/** Runs while its racer does; how long it took in fact, the jobs themselves tell at the end. */
function Clock({ standing }: { standing: Standing | undefined }) {
  const now = useSignal(0);
  const since = standing?.state === "runs" ? standing.since : undefined;
  useEffect(() => {
    if (since === undefined) return;
    const tick = () => {
      now.value = performance.now();
    };
    tick();
    const timer = setInterval(tick, reducedMotion.peek() ? 1000 : 50);
    return () => clearInterval(timer);
  }, [since]);
  const text =
    since !== undefined
      ? `${(Math.max(0, now.value - since) / 1000).toFixed(2)} s`
      : standing?.ms === undefined
        ? "–"
        : duration(standing.ms);
  return <span class="racer-time">{text}</span>;
}

/** What came of it, in one sentence. */
function said(): string {
  const all = standings.value;
  const now = titleOf(drawer.value).toLowerCase();
  if (underWay.value !== undefined) return `Drawn by ${now} now.`;
  if (all.size === 0) return "Each tile is a job. It appears when its worker has finished it.";
  const [first, ...rest] = ranking.value;
  const last = rest.at(-1);
  if (first === undefined) return "It was stopped.";
  if (last === undefined) return `${titleOf(first.name)} drew it in ${duration(first.ms)}.`;
  const times = (last.ms / first.ms).toFixed(1);
  return `${titleOf(first.name)}: ${times} times as fast as ${titleOf(last.name).toLowerCase()}.`;
}

function titleOf(name: string | undefined): string {
  return racers.value.find((racer) => racer.name === name)?.title ?? "Threads";
}
