// Submit: the gallery of kinds, the form of the chosen one, and the code that does the same.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { KindDescription, Submission } from "../../contract.ts";
import { fetchJob, Refusal, runAgain, submit, submitForm } from "../api.ts";
import { kindOf, kinds } from "../catalogue.ts";
import { count, counted, size } from "../format.ts";
import { HERE, runKindHere, whyNotHere } from "../here/kinds_here.ts";
import { kindColour } from "../kind_colour.ts";
import { libraryCode } from "../library_code.ts";
import { executorOf, executors, server } from "../live.ts";
import { attempt, reasonOf, say } from "../notices.ts";
import { readTyped, type Typed, typedFrom } from "../parameters.ts";
import { Code } from "../parts/code.tsx";
import { ExecutorChoice } from "../parts/executor_choice.tsx";
import { Field, NumberField, ParameterFields } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { addressOf, ask, asked, goTo } from "../route.ts";

const COUNTS = [1, 10, 100, 1000, 10_000];

export function Submit() {
  const kind = kindOf(asked("kind") ?? "") ?? kinds.value[0];
  return (
    <div class="submit">
      <h1 class="unseen">Submit jobs</h1>
      <Gallery chosen={kind?.name} />
      {kind && executors.value.length > 0 && (
        <Form key={`${kind.name} ${asked("edit") ?? ""}`} kind={kind} edited={asked("edit")} />
      )}
    </div>
  );
}

function Gallery({ chosen }: { chosen: string | undefined }) {
  const groups = [
    { group: "work", title: "Work" },
    { group: "trouble", title: "Trouble" },
  ] as const;
  return (
    <nav class="gallery panel" aria-label="Kinds of jobs">
      {groups.map(({ group, title }) => (
        <section key={group}>
          <h2>{title}</h2>
          <ul>
            {kinds.value
              .filter((kind) => kind.group === group)
              .map((kind) => (
                <li key={kind.name}>
                  <a
                    href={addressOf("submit", { kind: kind.name })}
                    aria-current={kind.name === chosen ? "true" : undefined}
                  >
                    <span class="swatch" style={{ background: kindColour(kind.name) }} />
                    <strong>{kind.title}</strong>
                    <span class="gallery-about">{kind.description}</span>
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** What is typed beside the kind's own parameters. */
type Envelope = Readonly<Record<"count" | "priority" | "timeout" | "retries", string>>;

const ENVELOPE: Record<keyof Envelope, { min: number; max: number; may: boolean }> = {
  count: { min: 1, max: 10_000, may: false },
  priority: { min: -100, max: 100, may: true },
  timeout: { min: 1, max: 600_000, may: true },
  retries: { min: 0, max: 5, may: true },
};

/** What its code is to name, of the executor of this page. */
const THIS_PAGE = { type: "ThreadPoolExecutor", sharesEventLoop: false } as const;

function Form({ kind, edited }: { kind: KindDescription; edited: string | undefined }) {
  const typed = useSignal<Typed>(typedFrom(kind));
  const envelope = useSignal<Envelope>({ count: "1", priority: "", timeout: "", retries: "" });
  const chosen = useSignal<string | undefined>(undefined);
  const file = useSignal<File | undefined>(undefined);
  const text = useSignal("");
  const refused = useSignal<{ field?: string | undefined; detail: string } | undefined>(undefined);
  const busy = useSignal(false);
  const keptFile = useSignal<string | undefined>(undefined);

  // "Run again with edits": the form begins with what an earlier job was given.
  useEffect(() => {
    if (edited === undefined) return;
    attempt(async () => {
      const job = await fetchJob(edited);
      typed.value = typedFrom(kind, job.parameters);
      const { priority, timeout, retries } = job.options;
      const say = (n: number | undefined) => (n === undefined ? "" : String(n));
      envelope.value = {
        count: "1",
        priority: say(priority),
        timeout: say(timeout),
        retries: say(retries),
      };
      chosen.value = job.executor;
      keptFile.value = job.file?.name;
    });
  }, [edited]);

  const allowed = kind.executors;
  const executor =
    chosen.value !== undefined && (allowed.includes(chosen.value) || isHere(chosen.value))
      ? chosen.value
      : executors.value.find(({ name }) => allowed.includes(name))?.name;
  const { values, wrong } = readTyped(kind, typed.value);
  const numbers = readEnvelope(envelope.value);
  const many = numbers.values.count ?? 1;
  const needsFile =
    kind.file !== null && !file.value && text.value === "" && keptFile.value === undefined;
  const view =
    executor === HERE ? THIS_PAGE : executor === undefined ? undefined : executorOf(executor);
  const wrongHere = (field: string) =>
    refused.value?.field === field ? refused.value.detail : undefined;
  const fieldsWrong = new Map(wrong);
  for (const name of Object.keys(kind.parameters)) {
    const said = wrongHere(`parameters.${name}`) ?? wrongHere(name);
    if (said !== undefined && !fieldsWrong.has(name)) fieldsWrong.set(name, said);
  }

  function isHere(where: string): boolean {
    return where === HERE && whyNotHere(kind) === null;
  }

  function set(name: keyof Envelope, value: string): void {
    envelope.value = { ...envelope.value, [name]: value };
    refused.value = undefined;
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (busy.peek() || executor === undefined) return;
    busy.value = true;
    refused.value = undefined;
    try {
      if (isHere(executor)) {
        await runInPage();
        goTo("browser");
        return;
      }
      const { count: total, batch } = await sendJobs(executor);
      say(`Submitted ${counted(total, "job")}`);
      lastBatch.value = { batch, total };
    } catch (error) {
      const field = error instanceof Refusal ? error.problem.field : undefined;
      refused.value = { field, detail: reasonOf(error) };
    } finally {
      busy.value = false;
    }
  }

  /** The file never leaves the page, nor does anything else. */
  async function runInPage(): Promise<void> {
    const typedFile = text.value === "" ? undefined : new TextEncoder().encode(text.value);
    const bytes = file.value ? new Uint8Array(await file.value.arrayBuffer()) : typedFile;
    const { count: _count, ...options } = numbers.values;
    await runKindHere(kind, values, bytes, many, options);
  }

  function sendJobs(where: string) {
    const options = Object.fromEntries(
      Object.entries(numbers.values).filter(
        ([name, value]) => name !== "count" && value !== undefined,
      ),
    );
    if (file.value) {
      const fields = { kind: kind.name, executor: where, count: many, ...values, ...options };
      return submitForm(fields, file.value);
    }
    if (edited !== undefined && keptFile.value !== undefined && many === 1) {
      return runAgain(edited, { executor: where, parameters: values, ...options });
    }
    const body: Submission = {
      kind: kind.name,
      executor: where,
      parameters: values,
      count: many,
      ...options,
    };
    if (kind.file !== null && text.value !== "") body.file = text.value;
    else if (kind.file !== null && edited !== undefined) body.fileOf = edited;
    return submit(body);
  }

  const lastBatch = useSignal<{ batch: string; total: number } | undefined>(undefined);

  return (
    <>
      <form class="panel job-form" onSubmit={send} noValidate>
        <header>
          <h2>
            <span class="swatch" style={{ background: kindColour(kind.name) }} />
            {kind.title}
          </h2>
          <p class="quiet">{kind.description}</p>
          {kind.samples.length > 0 && (
            <div class="samples" role="group" aria-label="Samples">
              {kind.samples.map((sample) => (
                <button
                  type="button"
                  key={sample.title}
                  class="chip"
                  onClick={() => {
                    typed.value = typedFrom(kind, sample.parameters);
                    set("count", String(sample.count ?? 1));
                    if (sample.file !== undefined) text.value = sample.file;
                  }}
                >
                  {sample.title}
                </button>
              ))}
            </div>
          )}
        </header>
        {kind.file !== null && (
          <div class="fields">
            <Field
              label={`File: ${kind.file}`}
              hint={
                file.value
                  ? `${file.value.name}, ${size(file.value.size)}`
                  : keptFile.value !== undefined
                    ? `else ${keptFile.value} is used again`
                    : `at most ${size(server.value?.limits.uploadBytes ?? 0)}`
              }
              wrong={wrongHere("file")}
            >
              {(ids) => (
                <input
                  {...ids}
                  type="file"
                  onInput={(event) => {
                    file.value = event.currentTarget.files?.[0];
                    refused.value = undefined;
                  }}
                />
              )}
            </Field>
            {!file.value && (
              <Field label="Or a text" hint={counted(text.value.length, "character")}>
                {(ids) => (
                  <textarea
                    {...ids}
                    rows={3}
                    value={text.value}
                    onInput={(event) => {
                      text.value = event.currentTarget.value;
                    }}
                  />
                )}
              </Field>
            )}
          </div>
        )}
        {Object.keys(kind.parameters).length > 0 && (
          <div class="fields">
            <ParameterFields
              kind={kind}
              typed={typed.value}
              wrong={fieldsWrong}
              onInput={(name, value) => {
                typed.value = { ...typed.value, [name]: value };
                refused.value = undefined;
              }}
            />
          </div>
        )}
        <ExecutorChoice
          label="Executor"
          value={executor}
          allowed={allowed}
          whyNot="cannot run this kind"
          whyNotHere={whyNotHere(kind)}
          onChoose={(name) => {
            chosen.value = name;
          }}
        />
        <div class="fields">
          <div>
            <NumberField
              label="How many"
              hint="1 to 10,000 equal jobs"
              wrong={numbers.wrong.get("count") ?? wrongHere("count")}
              value={envelope.value.count}
              min={1}
              max={10_000}
              onInput={(value) => set("count", value)}
            />
            <div class="counts" role="group" aria-label="Common counts">
              {COUNTS.map((n) => (
                <button
                  type="button"
                  key={n}
                  class="chip"
                  aria-pressed={many === n}
                  onClick={() => set("count", String(n))}
                >
                  {count(n)}
                </button>
              ))}
            </div>
          </div>
          <NumberField
            label="Priority"
            hint="−100 to 100; higher runs first"
            placeholder="0"
            wrong={numbers.wrong.get("priority") ?? wrongHere("priority")}
            value={envelope.value.priority}
            min={-100}
            max={100}
            onInput={(value) => set("priority", value)}
          />
          <NumberField
            label="Timeout"
            hint="ms, from the start of the job"
            placeholder="none"
            wrong={numbers.wrong.get("timeout") ?? wrongHere("timeout")}
            value={envelope.value.timeout}
            min={1}
            max={600_000}
            onInput={(value) => set("timeout", value)}
          />
          <NumberField
            label="Retries"
            hint="0 to 5, after a lost worker"
            placeholder="0"
            wrong={numbers.wrong.get("retries") ?? wrongHere("retries")}
            value={envelope.value.retries}
            min={0}
            max={5}
            onInput={(value) => set("retries", value)}
          />
        </div>
        <footer>
          <button
            type="submit"
            class="primary"
            disabled={
              busy.value ||
              executor === undefined ||
              wrong.size > 0 ||
              numbers.wrong.size > 0 ||
              needsFile
            }
          >
            <Icon name="play" />
            {`Run ${counted(many, "job")}`}
          </button>
          {edited !== undefined && (
            <button type="button" onClick={() => ask({ edit: undefined })}>
              Forget the earlier job
            </button>
          )}
          <p class="said" role="status" data-refused={refused.value !== undefined}>
            {refused.value?.detail ??
              (needsFile
                ? "Choose a file, or type a text."
                : lastBatch.value && (
                    <>
                      {`Submitted ${counted(lastBatch.value.total, "job")}. `}
                      <a href={addressOf("jobs", { batch: lastBatch.value.batch })}>See them</a> or{" "}
                      <a href={addressOf("live")}>watch the lanes</a>.
                    </>
                  ))}
          </p>
        </footer>
      </form>
      {view && (
        <aside class="panel beside-code">
          <h2>The same with the library</h2>
          <Code
            label="Code"
            text={libraryCode({
              kind,
              parameters: values,
              executor: view,
              runtime: executor === HERE ? HERE : (server.value?.runtime ?? ""),
              count: many,
              options: {
                timeout: numbers.values.timeout,
                priority: numbers.values.priority,
                retries: numbers.values.retries,
              },
              fileName: file.value?.name,
            })}
          />
          <p class="hint">
            <code>jobs.ts</code> is an ordinary module; its export <code>{kind.task.export}</code>{" "}
            is the task.
          </p>
        </aside>
      )}
    </>
  );
}

function readEnvelope(typed: Envelope) {
  const values: Partial<Record<keyof Envelope, number>> = {};
  const wrong = new Map<string, string>();
  for (const [name, { min, max, may }] of Object.entries(ENVELOPE) as [
    keyof Envelope,
    (typeof ENVELOPE)["count"],
  ][]) {
    const text = typed[name].trim();
    if (text === "" && may) continue;
    const number = Number(text);
    if (text !== "" && Number.isInteger(number) && number >= min && number <= max) {
      values[name] = number;
    } else wrong.set(name, `must be a whole number from ${count(min)} to ${count(max)}`);
  }
  return { values, wrong };
}
