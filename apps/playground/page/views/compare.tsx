// Compare: the same batch on two executors, by turns and more than once, and what came of it side by side.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Comparison, Percentiles } from "../../../../modules/dashboard/contract.ts";
import { kindTitle } from "../../../../modules/dashboard/page/catalogue.ts";
import { count, counted, duration } from "../../../../modules/dashboard/page/format.ts";
import { Lanes } from "../../../../modules/dashboard/page/lanes/lanes.tsx";
import { comparison, executors, showBegun } from "../../../../modules/dashboard/page/live.ts";
import { attempt, reasonOf } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf, ask, asked } from "../../../../modules/dashboard/page/route.ts";
import type { KindDescription } from "../../contract.ts";
import { compare, fetchOpponents } from "../api.ts";
import { kinds, opponents } from "../catalogue.ts";
import { readTyped, typedFrom } from "../parameters.ts";
import { Field, NumberField, ParameterFields } from "../parts/field.tsx";
import { useDraft } from "../parts/use_draft.ts";
import { type Side, speedUpsOf, spreadOf, verdictOf } from "./compared.ts";

/** The two that are compared. */
const SIDES = [
  { name: "first", label: "First executor" },
  { name: "second", label: "Second executor" },
] as const;

export function Compare() {
  const comparable = kinds.value.filter(
    ({ group, executors: where }) => group === "work" && where.length > 1,
  );
  const kind =
    comparable.find(({ name }) => name === asked("kind")) ??
    comparable.find(({ file }) => file === null) ??
    comparable[0];
  const result = comparison.value;
  useEffect(() => {
    attempt(async () => {
      opponents.value = (await fetchOpponents()).opponents;
    });
  }, []);
  return (
    <div class="compare">
      {kind && <Form key={kind.name} kind={kind} comparable={comparable} />}
      <section class="panel compare-result" aria-label="Result" aria-live="polite">
        {result ? (
          <Result comparison={result} />
        ) : (
          <Empty title="No comparison yet">
            The same jobs run on each executor by turns: with one worker, with two, up to all, and
            all of it several times. So you see what workers are worth, and what is only chance.
          </Empty>
        )}
      </section>
    </div>
  );
}

function Form({
  kind,
  comparable,
}: {
  kind: KindDescription;
  comparable: readonly KindDescription[];
}) {
  const form = `compare ${kind.name}`;
  const [typed, type] = useDraft(`${form} parameters`, typedFrom(kind));
  const [around, change] = useDraft(form, {
    howMany: "20",
    repeats: "3",
    file: kind.samples.find(({ file }) => file !== undefined)?.file ?? "",
    first: "",
    second: "",
  });
  const said = useSignal<string | undefined>(undefined);
  const sending = useSignal(false);
  const own = executors.value.filter(({ name }) => kind.executors.includes(name));
  const others = opponents.value.filter(({ kinds }) => kinds.includes(kind.name));
  const possible = [...own, ...others];
  const chosen = SIDES.map(({ name }, i) =>
    possible.some((executor) => executor.name === around[name]) ? around[name] : possible[i]?.name,
  );
  const { values, wrong } = readTyped(kind, typed);
  const number = Number(around.howMany);
  const countIsWrong = !(Number.isInteger(number) && number >= 1 && number <= 10_000);
  const repeats = Number(around.repeats);
  const repeatsAreWrong = !(Number.isInteger(repeats) && repeats >= 1 && repeats <= 9);
  const same = chosen[0] === chosen[1];
  const running = comparison.value?.state === "running";

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    sending.value = true;
    said.value = undefined;
    try {
      const body = {
        kind: kind.name,
        parameters: values,
        count: number,
        repeats,
        executors: chosen.filter((name) => name !== undefined),
        ...(kind.file === null ? {} : { file: around.file }),
      };
      showBegun(comparison, (await compare(body)).comparison);
    } catch (error) {
      said.value = reasonOf(error);
    } finally {
      sending.value = false;
    }
  }

  return (
    <form class="panel job-form" onSubmit={send} noValidate>
      <header>
        <h1>Compare two executors</h1>
        <p class="quiet">The same batch runs on both, by turns, several times.</p>
      </header>
      <div class="fields">
        <Field label="Kind">
          {(ids) => (
            <select
              {...ids}
              value={kind.name}
              onInput={(event) => ask({ kind: event.currentTarget.value }, "replace")}
            >
              {comparable.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </Field>
        <NumberField
          label="How many"
          hint="1 to 10,000 equal jobs"
          wrong={countIsWrong ? "must be a whole number from 1 to 10,000" : undefined}
          value={around.howMany}
          min={1}
          max={10_000}
          onInput={(howMany) => change({ howMany })}
        />
        <ParameterFields
          kind={kind}
          typed={typed}
          wrong={wrong}
          onInput={(name, value) => type({ [name]: value })}
        />
        {kind.file !== null && (
          <Field label={`In the place of a file: ${kind.file}`}>
            {(ids) => (
              <textarea
                {...ids}
                rows={3}
                value={around.file}
                onInput={(event) => change({ file: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
        <NumberField
          label="Runs of each"
          hint="1 to 9: the more, the surer"
          wrong={repeatsAreWrong ? "must be a whole number from 1 to 9" : undefined}
          value={around.repeats}
          min={1}
          max={9}
          onInput={(repeats) => change({ repeats })}
        />
        {SIDES.map(({ name: side, label }, i) => (
          <Field
            key={side}
            label={label}
            wrong={i === 1 && same ? "choose another one than the first" : undefined}
          >
            {(ids) => (
              <select
                {...ids}
                value={chosen[i]}
                onInput={(event) => change({ [side]: event.currentTarget.value })}
              >
                {own.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
                {others.length > 0 && (
                  <optgroup label="Of others, on this machine">
                    {others.map(({ name, title }) => (
                      <option key={name} value={name}>
                        {title}
                      </option>
                    ))}
                  </optgroup>
                )}
              </select>
            )}
          </Field>
        ))}
      </div>
      <footer>
        <button
          type="submit"
          class="primary"
          disabled={
            sending.value ||
            running ||
            same ||
            countIsWrong ||
            repeatsAreWrong ||
            wrong.size > 0 ||
            chosen.length < 2
          }
        >
          <Icon name="compare" />
          {running ? "Comparing" : "Compare"}
        </button>
        <p class="said" role="status" data-refused={said.value !== undefined}>
          {said.value}
        </p>
      </footer>
    </form>
  );
}

function Result({ comparison: compared }: { comparison: Comparison }) {
  const { kind, count: jobs, repeats, state, error, sides } = compared;
  const slowest = Math.max(
    ...sides.flatMap(({ points }) => points.flatMap(({ times }) => times)),
    0,
  );
  const verdict = verdictOf(compared);
  return (
    <>
      <header class="compare-head">
        <h2>
          {count(jobs)} × {kindTitle(kind)}
        </h2>
        <span
          class="state"
          data-state={{ running: "running", done: "finished", failed: "failed" }[state]}
        >
          {state}
        </span>
        <span class="quiet">{`${counted(repeats, "run")} of each, by turns`}</span>
      </header>
      {error && <p class="banner">{error}</p>}
      <p class="verdict">{verdict ?? "Which one is faster is told when both are through."}</p>
      <div class="sides">
        {sides.map((side, i) => (
          <article key={side.executor} class="side" style={{ "--side": SIDE_COLOURS[i] ?? "" }}>
            <h3>
              {side.executor}
              <span class="quiet"> {counted(side.workers, "worker")}</span>
            </h3>
            <p class="side-now" role="status">
              {
                {
                  waiting: "Waits for its turn",
                  running: `On ${counted(side.workersNow, "worker")}: ${count(side.done)} of ${count(jobs)}`,
                  done: "Done",
                }[side.state]
              }
            </p>
            {side.points.map(({ workers, times }) => (
              <Wall
                key={workers}
                name={
                  workers === 1
                    ? "One worker"
                    : workers === side.workers
                      ? "All workers"
                      : counted(workers, "worker")
                }
                times={times}
                of={slowest}
              />
            ))}
            <dl class="facts">
              <div>
                <dt>Speed-up over one worker</dt>
                <dd class="speed-up">
                  {side.speedUp === null ? "–" : `${side.speedUp.toFixed(2)} ×`}
                </dd>
              </div>
              <div>
                <dt>Failed</dt>
                <dd>{count(side.failed)}</dd>
              </div>
            </dl>
            {isOwn(side) && (
              <>
                <Times name="Waited" times={side.wait} />
                <Times name="Ran" times={side.run} />
              </>
            )}
            {side.batch && <a href={addressOf("jobs", { batch: side.batch })}>Its jobs</a>}
          </article>
        ))}
      </div>
      <SpeedUps sides={sides} />
      <div class="sides">
        {sides.filter(isOwn).map(({ executor }) => (
          <Lanes key={executor} executor={executor} fits={1} />
        ))}
      </div>
    </>
  );
}

/** An executor of this server, whose jobs are known one by one; not an opponent. */
function isOwn({ executor }: Side): boolean {
  return executors.value.some(({ name }) => name === executor);
}

/** The colours of the sides, in their order. */
const SIDE_COLOURS = ["var(--accent)", "var(--cancelled)"];

/** The runs on so many workers: each a tick, from the fastest to the slowest, and the middle one in figures. */
function Wall({ name, times, of }: { name: string; times: readonly number[]; of: number }) {
  const spread = spreadOf(times);
  const at = (ms: number) => `${of > 0 ? (ms / of) * 100 : 0}%`;
  return (
    <div class="wall">
      <span>{name}</span>
      <span class="wall-track">
        {spread && (
          <>
            <span class="wall-bar" style={{ width: at(spread.median) }} />
            <span
              class="wall-spread"
              style={{ left: at(spread.min), width: at(spread.max - spread.min) }}
            />
          </>
        )}
      </span>
      <span class="time">{spread === undefined ? "–" : duration(spread.median)}</span>
      <span class="wall-range hint">
        {spread && times.length > 1 && `${duration(spread.min)} to ${duration(spread.max)}`}
      </span>
    </div>
  );
}

/** How much faster more workers are, beside how much that could be at best. */
function SpeedUps({ sides }: { sides: readonly Side[] }) {
  const curves = sides.map(speedUpsOf);
  const most = Math.max(2, ...sides.map(({ workers }) => workers));
  const highest = Math.max(most, ...curves.flat().map(({ times }) => times));
  // In a drawing of 100 by 50, which is stretched; so its lines keep their width.
  const x = (workers: number) => ((workers - 1) / (most - 1)) * 100;
  const y = (times: number) => 50 - ((times - 0) / highest) * 50;
  const path = (points: readonly { workers: number; times: number }[]) =>
    points.map(({ workers, times }) => `${x(workers)},${y(times)}`).join(" ");
  if (!curves.some((curve) => curve.length > 1)) return null;
  const words = sides.map(
    ({ executor }, i) =>
      `${executor}: ${curves[i]?.map(({ workers, times }) => `${times.toFixed(2)} times on ${workers}`).join(", ")}`,
  );
  return (
    <figure class="speed-ups">
      <figcaption>
        <strong>Speed-up by number of workers</strong>
        <span class="quiet"> dashed: as many times as workers</span>
      </figcaption>
      <div class="speed-ups-plot" role="img" aria-label={words.join("; ")}>
        <span class="speed-ups-top">{`${highest.toFixed(0)} ×`}</span>
        <svg viewBox="0 0 100 50" preserveAspectRatio="none" aria-hidden="true">
          <polyline class="ideal" points={`${x(1)},${y(1)} ${x(most)},${y(most)}`} />
          {curves.map((curve, i) => (
            <polyline
              key={sides[i]?.executor}
              points={path(curve)}
              style={{ stroke: SIDE_COLOURS[i] ?? "" }}
            />
          ))}
        </svg>
        <span class="speed-ups-ends">
          <span>1 worker</span>
          <span>{counted(most, "worker")}</span>
        </span>
      </div>
    </figure>
  );
}

function Times({ name, times }: { name: string; times: Percentiles | null }) {
  return (
    <dl class="percentiles" aria-label={name}>
      <dt>{name}</dt>
      {(["p50", "p95", "p99"] as const).map((p) => (
        <dd key={p}>
          <span class="quiet">{p}</span> {times === null ? "–" : duration(times[p])}
        </dd>
      ))}
    </dl>
  );
}
