// Compare: the same batch on two executors, by turns and more than once, and what came of it side by side.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { kindTitle } from "../../../../modules/dashboard/page/catalogue.ts";
import { count } from "../../../../modules/dashboard/page/format.ts";
import { comparison, executors, showBegun } from "../../../../modules/dashboard/page/live.ts";
import { attempt, reasonOf } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf, ask, asked } from "../../../../modules/dashboard/page/route.ts";
import type { KindDescription } from "../../contract.ts";
import { compare, fetchOpponents } from "../api.ts";
import { kinds, opponents } from "../catalogue.ts";
import { readTyped, typedFrom } from "../parameters.ts";
import { ComparisonResult } from "../parts/comparison_result.tsx";
import { Field, NumberField, ParameterFields } from "../parts/field.tsx";
import { useDraft } from "../parts/use_draft.ts";

/** The two that are compared. */
const SIDES = [
  { name: "first", label: "First executor" },
  { name: "second", label: "Second executor" },
] as const;

/** What is worth asking first, each with what to expect. */
const BEGINNINGS = [
  {
    title: "What are workers worth?",
    about:
      "Counting primes takes a processor. The event loop has one thread for all of it, threads have as many as there are processors.",
    body: {
      kind: "primes",
      parameters: { n: 5_000_000 },
      count: 12,
      executors: ["threads", "loop"],
    },
  },
  {
    title: "What does a process cost?",
    about:
      "A job that does next to nothing shows what lies around it: a message to a thread, or one to a process.",
    body: { kind: "echo", parameters: {}, count: 1000, executors: ["threads", "processes"] },
  },
  {
    title: "And where jobs only wait?",
    about:
      "Sleeping needs no processor. The event loop has many sleep at once, a worker one after another.",
    body: { kind: "sleep", parameters: { ms: 50 }, count: 12, executors: ["threads", "loop"] },
  },
] as const;

/** Runs of each of these. */
const REPEATS = 3;

function Beginnings({ comparable }: { comparable: readonly KindDescription[] }) {
  const possible = BEGINNINGS.filter(({ body }) =>
    comparable.some(
      ({ name, executors: where }) =>
        name === body.kind && body.executors.every((executor) => where.includes(executor)),
    ),
  );
  const begin = (body: (typeof BEGINNINGS)[number]["body"]) =>
    attempt(async () => {
      showBegun(
        comparison,
        (await compare({ ...body, executors: [...body.executors], repeats: REPEATS })).comparison,
      );
    });
  return (
    <ul class="beginnings">
      {possible.map(({ title, about, body }) => (
        <li key={title}>
          <h2>{title}</h2>
          <p class="quiet">{about}</p>
          <button type="button" onClick={() => begin(body)}>
            <Icon name="compare" />
            {`${count(body.count)} × ${kindTitle(body.kind)}: ${body.executors.join(" against ")}`}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Compare() {
  const comparable = kinds.value.filter(
    ({ group, executors: where }) => group === "work" && where.length > 1,
  );
  const result = comparison.value;
  // Without a choice, what the result beside it is of.
  const kind =
    comparable.find(({ name }) => name === asked("kind")) ??
    comparable.find(({ name }) => name === result?.kind) ??
    comparable.find(({ file }) => file === null) ??
    comparable[0];
  useEffect(() => {
    attempt(async () => {
      opponents.value = (await fetchOpponents()).opponents;
    });
  }, []);
  return (
    <div class="compare fills">
      {kind && <Form key={kind.name} kind={kind} comparable={comparable} />}
      <section
        class="panel compare-result"
        aria-label="Result"
        aria-live="polite"
        data-empty={result === undefined}
      >
        {result ? (
          <ComparisonResult comparison={result} asked={kind} />
        ) : (
          <>
            <Empty title="No comparison yet">
              The same jobs run on each executor by turns: with one worker, with two, up to all, and
              all of it several times. So you see what workers are worth, and what is only chance.
            </Empty>
            <Beginnings comparable={comparable} />
          </>
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
  const last = comparison.value?.kind === kind.name ? comparison.value.sides : [];
  const chosen = SIDES.map(
    ({ name }, i) =>
      [around[name], last[i]?.executor].find((wanted) =>
        possible.some((executor) => executor.name === wanted),
      ) ?? possible[i]?.name,
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
        <p class="quiet">
          The same batch runs on both, by turns, several times. Two runs of any kind are compared{" "}
          <a href={addressOf("jobs", { by: "run" })}>among the runs</a>.
        </p>
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
