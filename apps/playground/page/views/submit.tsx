// Submit: the gallery of kinds, the form of the chosen one, and the code that does the same.

import { useEffect, useMemo } from "preact/hooks";
import { counted } from "../../../../modules/dashboard/page/format.ts";
import { kindColour } from "../../../../modules/dashboard/page/kind_colour.ts";
import { executors, server } from "../../../../modules/dashboard/page/live.ts";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf, ask, asked } from "../../../../modules/dashboard/page/route.ts";
import type { KindDescription } from "../../contract.ts";
import { kindOf, kinds } from "../catalogue.ts";
import { HERE, whyNotHere } from "../here/kinds_here.ts";
import { JobForm } from "../job_form.ts";
import { libraryCode } from "../library_code.ts";
import { Code } from "../parts/code.tsx";
import { ExecutorChoice } from "../parts/executor_choice.tsx";
import { ParameterFields } from "../parts/field.tsx";
import { EnvelopeFields, FileFields, Said } from "../parts/job_fields.tsx";

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

function Form({ kind, edited }: { kind: KindDescription; edited: string | undefined }) {
  const form = useMemo(() => new JobForm(kind, edited), []);
  useEffect(() => form.load(), []);
  return (
    <>
      <form
        class="panel job-form"
        onSubmit={(event) => {
          event.preventDefault();
          form.send();
        }}
        noValidate
      >
        <Heading form={form} />
        {kind.file !== null && <FileFields form={form} />}
        {Object.keys(kind.parameters).length > 0 && (
          <div class="fields">
            <ParameterFields
              kind={kind}
              typed={form.typed.value}
              wrong={form.parameters.wrong}
              onInput={(name, text) => form.type(name, text)}
            />
          </div>
        )}
        <ExecutorChoice
          label="Executor"
          value={form.executor}
          allowed={kind.executors}
          whyNot="cannot run this kind"
          whyNotHere={whyNotHere(kind)}
          onChoose={(name) => form.choose(name)}
        />
        <EnvelopeFields form={form} />
        <footer>
          <button type="submit" class="primary" disabled={!form.ready}>
            <Icon name="play" />
            {`Run ${counted(form.count, "job")}`}
          </button>
          {edited !== undefined && (
            <button type="button" onClick={() => ask({ edit: undefined })}>
              Forget the earlier job
            </button>
          )}
          <Said form={form} />
        </footer>
      </form>
      <Beside form={form} />
    </>
  );
}

function Heading({ form }: { form: JobForm }) {
  const { name, title, description, samples } = form.kind;
  return (
    <header>
      <h2>
        <span class="swatch" style={{ background: kindColour(name) }} />
        {title}
      </h2>
      <p class="quiet">{description}</p>
      {samples.length > 0 && (
        <div class="samples" role="group" aria-label="Samples">
          {samples.map((sample) => (
            <button type="button" key={sample.title} class="chip" onClick={() => form.fill(sample)}>
              {sample.title}
            </button>
          ))}
        </div>
      )}
    </header>
  );
}

/** The program that does the same, as it changes with what is typed. */
function Beside({ form }: { form: JobForm }) {
  const { kind, executorView: executor } = form;
  if (executor === undefined) return null;
  const { timeout, priority, retries } = form.numbers.values;
  return (
    <aside class="panel beside-code">
      <h2>The same with the library</h2>
      <Code
        label="Code"
        text={libraryCode({
          kind,
          parameters: form.parameters.values,
          executor,
          runtime: form.executor === HERE ? HERE : (server.value?.runtime ?? ""),
          count: form.count,
          options: { timeout, priority, retries },
          fileName: form.file.value?.name,
          text: form.text.value,
        })}
      />
      <p class="hint">
        <code>jobs.ts</code> is an ordinary module; its export <code>{kind.task.export}</code> is
        the task.
      </p>
    </aside>
  );
}
