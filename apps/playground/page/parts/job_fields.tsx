// The fields of a job's form: its file, its numbers beside the parameters, and what is said below them.

import { count, counted, size } from "../../../../modules/dashboard/page/format.ts";
import { server } from "../../../../modules/dashboard/page/live.ts";
import { addressOf } from "../../../../modules/dashboard/page/route.ts";
import { type Envelope, limitsOfEnvelope } from "../envelope.ts";
import type { JobForm } from "../job_form.ts";
import { Field, NumberField } from "./field.tsx";

const COUNTS = [1, 10, 100, 1000, 10_000];

/** A file, or a text in its place. */
export function FileFields({ form }: { form: JobForm }) {
  const file = form.file.value;
  const kept = form.keptFile.value;
  const most = `at most ${size(server.value?.limits.uploadBytes ?? 0)}`;
  return (
    <div class="fields">
      <Field
        label={`File: ${form.kind.file}`}
        hint={
          file
            ? `${file.name}, ${size(file.size)}`
            : kept === undefined
              ? most
              : `else ${kept} is used again`
        }
        wrong={form.refusalOf("file")}
      >
        {(ids) => (
          <input
            {...ids}
            type="file"
            onInput={(event) => form.attach(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
      {!file && (
        <Field label="Or a text" hint={counted(form.text.value.length, "character")}>
          {(ids) => (
            <textarea
              {...ids}
              rows={3}
              value={form.text.value}
              onInput={(event) => form.write(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
    </div>
  );
}

export function EnvelopeFields({ form }: { form: JobForm }) {
  return (
    <div class="fields">
      <div>
        <EnvelopeField form={form} name="count" label="How many" hint="1 to 10,000 equal jobs" />
        <div class="counts" role="group" aria-label="Common counts">
          {COUNTS.map((n) => (
            <button
              type="button"
              key={n}
              class="chip"
              aria-pressed={form.count === n}
              onClick={() => form.set("count", String(n))}
            >
              {count(n)}
            </button>
          ))}
        </div>
      </div>
      <EnvelopeField
        form={form}
        name="priority"
        label="Priority"
        hint="−100 to 100; higher runs first"
        placeholder="0"
      />
      <EnvelopeField
        form={form}
        name="timeout"
        label="Timeout"
        hint="ms, from the start of the job"
        placeholder="none"
      />
      <EnvelopeField
        form={form}
        name="retries"
        label="Retries"
        hint="0 to 5, after a lost worker"
        placeholder="0"
      />
    </div>
  );
}

function EnvelopeField({
  form,
  name,
  ...words
}: {
  form: JobForm;
  name: keyof Envelope;
  label: string;
  hint: string;
  placeholder?: string;
}) {
  return (
    <NumberField
      {...words}
      {...limitsOfEnvelope(name)}
      wrong={form.numbers.wrong.get(name) ?? form.refusalOf(name)}
      value={form.envelope.value[name]}
      onInput={(text) => form.set(name, text)}
    />
  );
}

/** What became of it, or what is missing. */
export function Said({ form }: { form: JobForm }) {
  const refused = form.refused.value;
  const sent = form.sent.value;
  return (
    <p class="said" role="status" data-refused={refused !== undefined}>
      {refused?.detail ??
        (form.needsFile
          ? "Choose a file, or type a text."
          : sent && (
              <>
                {`Submitted ${counted(sent.total, "job")}. `}
                <a href={addressOf("jobs", { batch: sent.batch })}>See them</a> or{" "}
                <a href={addressOf("live")}>watch the lanes</a>.
              </>
            ))}
    </p>
  );
}
