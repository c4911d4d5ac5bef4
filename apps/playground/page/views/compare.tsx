// Compare: the same batch on two executors, one after the other, and what came of it side by side.

import { useSignal } from "@preact/signals";
import type { Comparison, Percentiles } from "../../../../modules/dashboard/contract.ts";
import { kindTitle } from "../../../../modules/dashboard/page/catalogue.ts";
import { count, counted, duration } from "../../../../modules/dashboard/page/format.ts";
import { comparison, executors, showBegun } from "../../../../modules/dashboard/page/live.ts";
import { reasonOf } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf, ask, asked } from "../../../../modules/dashboard/page/route.ts";
import type { KindDescription } from "../../contract.ts";
import { compare } from "../api.ts";
import { kinds } from "../catalogue.ts";
import { readTyped, typedFrom } from "../parameters.ts";
import { Field, NumberField, ParameterFields } from "../parts/field.tsx";
import { useDraft } from "../parts/use_draft.ts";

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
  return (
    <div class="compare">
      {kind && <Form key={kind.name} kind={kind} comparable={comparable} />}
      <section class="panel compare-result" aria-label="Result" aria-live="polite">
        {result ? (
          <Result comparison={result} />
        ) : (
          <Empty title="No comparison yet">
            The same jobs run on each executor twice: once with all its workers, once with one. So
            you see what the workers are worth, and what handing the jobs over costs.
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
    file: kind.samples.find(({ file }) => file !== undefined)?.file ?? "",
    first: "",
    second: "",
  });
  const said = useSignal<string | undefined>(undefined);
  const sending = useSignal(false);
  const possible = executors.value.filter(({ name }) => kind.executors.includes(name));
  const chosen = SIDES.map(({ name }, i) =>
    possible.some((executor) => executor.name === around[name]) ? around[name] : possible[i]?.name,
  );
  const { values, wrong } = readTyped(kind, typed);
  const number = Number(around.howMany);
  const countIsWrong = !(Number.isInteger(number) && number >= 1 && number <= 10_000);
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
        <p class="quiet">The same batch runs on one, then on the other.</p>
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
                {possible.map(({ name, type }) => (
                  <option key={name} value={name}>
                    {name} ({type})
                  </option>
                ))}
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
            sending.value || running || same || countIsWrong || wrong.size > 0 || chosen.length < 2
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

function Result({
  comparison: { kind, count: jobs, state, error, sides },
}: {
  comparison: Comparison;
}) {
  const slowest = Math.max(
    ...sides.flatMap(({ wallMs, oneWorkerMs }) => [wallMs ?? 0, oneWorkerMs ?? 0]),
  );
  const walls = sides.map(({ wallMs }) => wallMs ?? Number.POSITIVE_INFINITY);
  const best = Math.min(...walls);
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
      </header>
      {error && <p class="banner">{error}</p>}
      <div class="sides">
        {sides.map((side) => (
          <article
            key={side.executor}
            class="side"
            data-best={state === "done" && side.wallMs === best}
          >
            <h3>
              {side.executor}
              <span class="quiet"> {counted(side.workers, "worker")}</span>
            </h3>
            <p class="side-now" role="status">
              {
                {
                  waiting: "Waits for the other one",
                  "one-worker": `With one worker: ${count(side.done)} of ${count(jobs)}`,
                  "all-workers": `With all workers: ${count(side.done)} of ${count(jobs)}`,
                  done:
                    state === "done" && side.wallMs === best && sides.length > 1
                      ? `Done, ${(Math.max(...walls) / best).toFixed(2)} times as fast`
                      : "Done",
                }[side.state]
              }
            </p>
            <Wall name="All workers" ms={side.wallMs} of={slowest} colour="accent" />
            <Wall name="One worker" ms={side.oneWorkerMs} of={slowest} colour="quiet" />
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
            <Times name="Waited" times={side.wait} />
            <Times name="Ran" times={side.run} />
            {side.batch && <a href={addressOf("jobs", { batch: side.batch })}>Its jobs</a>}
          </article>
        ))}
      </div>
    </>
  );
}

function Wall({
  name,
  ms,
  of,
  colour,
}: {
  name: string;
  ms: number | null;
  of: number;
  colour: string;
}) {
  return (
    <div class="wall">
      <span>{name}</span>
      <span class="wall-track">
        <span
          class="wall-bar"
          style={{
            width: `${of > 0 ? ((ms ?? 0) / of) * 100 : 0}%`,
            background: `var(--${colour})`,
          }}
        />
      </span>
      <span class="time">{ms === null ? "–" : duration(ms)}</span>
    </div>
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
