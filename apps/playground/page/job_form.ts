// JobForm: what stands in the form of a kind, what of it is wrong, and where it goes.

import { signal } from "@preact/signals";
import type { ExecutorView } from "../../../modules/dashboard/contract.ts";
import { fetchJob, Refusal } from "../../../modules/dashboard/page/api.ts";
import { counted } from "../../../modules/dashboard/page/format.ts";
import { executorOf, executors } from "../../../modules/dashboard/page/live.ts";
import { attempt, reasonOf, say } from "../../../modules/dashboard/page/notices.ts";
import { goTo } from "../../../modules/dashboard/page/route.ts";
import type { KindDescription, Submission } from "../contract.ts";
import { runAgain, submit, submitForm } from "./api.ts";
import { keepDraft, readDraft } from "./drafts.ts";
import { type Envelope, envelopeOf, PLAIN_ENVELOPE, readEnvelope } from "./envelope.ts";
import { HERE, runKindHere, whyNotHere } from "./here/kinds_here.ts";
import { type Read, readTyped, type Typed, typedFrom } from "./parameters.ts";

/** What its code is to name, of the executor of this page. */
const THIS_PAGE = { type: "ThreadPoolExecutor", sharesEventLoop: false } as const;

/** How the fields of a form are called in its draft; those of the envelope by their own names. */
const PARAMETER = "parameter ";
const TEXT = "text";
const EXECUTOR = "executor";

type Sample = KindDescription["samples"][number];

export class JobForm {
  readonly kind: KindDescription;
  /** The job that is run again with edits. */
  readonly edited: string | undefined;
  readonly typed;
  readonly envelope = signal<Envelope>(PLAIN_ENVELOPE);
  readonly file = signal<File | undefined>(undefined);
  readonly text = signal("");
  /** The name of the earlier job's file, which can be used again. */
  readonly keptFile = signal<string | undefined>(undefined);
  /** What was submitted last. */
  readonly sent = signal<{ batch: string; total: number } | undefined>(undefined);
  readonly refused = signal<{ field: string | undefined; detail: string } | undefined>(undefined);
  readonly #chosen = signal<string | undefined>(undefined);
  /** What its draft is called. */
  readonly #name: string;
  /** Whether it began with what was typed before a reload. */
  readonly #isDraft: boolean;

  constructor(kind: KindDescription, edited: string | undefined) {
    this.kind = kind;
    this.edited = edited;
    this.#name = `submit ${kind.name} ${edited ?? ""}`;
    const atFirst = typedFrom(kind);
    this.typed = signal<Typed>(atFirst);
    const draft = readDraft(this.#name, this.#texts());
    this.#isDraft = draft !== undefined;
    if (draft === undefined) return;
    const part = <T extends Typed>(texts: T, prefix: string) =>
      Object.fromEntries(Object.keys(texts).map((name) => [name, draft[prefix + name]])) as T;
    this.typed.value = part(atFirst, PARAMETER);
    this.envelope.value = part(PLAIN_ENVELOPE, "");
    this.text.value = draft[TEXT] ?? "";
    this.#chosen.value = draft[EXECUTOR] || undefined;
  }

  /** Begins with what an earlier job was given. */
  load(): void {
    const { edited } = this;
    if (edited === undefined) return;
    attempt(async () => {
      const job = await fetchJob(edited);
      this.keptFile.value = job.file?.name;
      if (this.#isDraft) return;
      this.typed.value = typedFrom(this.kind, job.parameters);
      this.envelope.value = envelopeOf(job.options);
      this.#chosen.value = job.executor;
    });
  }

  /** Where it goes: what was chosen, as long as that can run the kind, else the first that can. */
  get executor(): string | undefined {
    const chosen = this.#chosen.value;
    const allowed = this.kind.executors;
    if (chosen !== undefined && (allowed.includes(chosen) || this.#isHere(chosen))) return chosen;
    return executors.value.find(({ name }) => allowed.includes(name))?.name;
  }

  get executorView(): Pick<ExecutorView, "type" | "sharesEventLoop" | "limits"> | undefined {
    const { executor } = this;
    if (executor === undefined) return undefined;
    return executor === HERE ? THIS_PAGE : executorOf(executor);
  }

  /** The kind's own parameters, as read here and as the server refused them. */
  get parameters(): Read {
    const { values, wrong } = readTyped(this.kind, this.typed.value);
    const all = new Map(wrong);
    for (const name of Object.keys(this.kind.parameters)) {
      const said = this.refusalOf(`parameters.${name}`) ?? this.refusalOf(name);
      if (said !== undefined && !all.has(name)) all.set(name, said);
    }
    return { values, wrong: all };
  }

  get numbers() {
    return readEnvelope(this.envelope.value);
  }

  get count(): number {
    return this.numbers.values.count ?? 1;
  }

  get needsFile(): boolean {
    const none = !this.file.value && this.text.value === "" && this.keptFile.value === undefined;
    return this.kind.file !== null && none;
  }

  get ready(): boolean {
    const { wrong } = readTyped(this.kind, this.typed.value);
    const fits = wrong.size === 0 && this.numbers.wrong.size === 0 && !this.needsFile;
    return fits && this.executor !== undefined;
  }

  /** Why the server refused a field. */
  refusalOf(field: string): string | undefined {
    return this.refused.value?.field === field ? this.refused.value.detail : undefined;
  }

  choose(executor: string): void {
    this.#chosen.value = executor;
    this.#keep();
  }

  /** Types into a parameter's field. */
  type(name: string, text: string): void {
    this.typed.value = { ...this.typed.value, [name]: text };
    this.#changed();
  }

  /** Types into a field of the envelope. */
  set(name: keyof Envelope, text: string): void {
    this.envelope.value = { ...this.envelope.value, [name]: text };
    this.#changed();
  }

  /** Types what stands in the place of a file. */
  write(text: string): void {
    this.text.value = text;
    this.#changed();
  }

  attach(file: File | undefined): void {
    this.file.value = file;
    this.refused.value = undefined;
  }

  fill(sample: Sample): void {
    this.typed.value = typedFrom(this.kind, sample.parameters);
    if (sample.file !== undefined) this.text.value = sample.file;
    this.set("count", String(sample.count ?? 1));
  }

  /** Sends it; what is refused is told at the form, which keeps what stands in it. */
  async send(): Promise<void> {
    const { executor } = this;
    if (executor === undefined) return;
    this.refused.value = undefined;
    try {
      if (this.#isHere(executor)) {
        await this.#runHere();
        goTo("browser");
        return;
      }
      const { count, batch } = await this.#submit(executor);
      say(`Submitted ${counted(count, "job")}`);
      this.sent.value = { batch, total: count };
    } catch (error) {
      const field = error instanceof Refusal ? error.problem.field : undefined;
      this.refused.value = { field, detail: reasonOf(error) };
    }
  }

  #changed(): void {
    this.refused.value = undefined;
    this.#keep();
  }

  #keep(): void {
    keepDraft(this.#name, this.#texts());
  }

  /** All that is typed or chosen, by names that do not meet. */
  #texts(): Readonly<Record<string, string>> {
    const parameters = Object.entries(this.typed.peek());
    return {
      ...Object.fromEntries(parameters.map(([name, text]) => [PARAMETER + name, text])),
      ...this.envelope.peek(),
      [TEXT]: this.text.peek(),
      [EXECUTOR]: this.#chosen.peek() ?? "",
    };
  }

  #isHere(executor: string): boolean {
    return executor === HERE && whyNotHere(this.kind) === null;
  }

  /** The file never leaves the page, nor does anything else. */
  async #runHere(): Promise<void> {
    const text = this.text.peek();
    const typedFile = text === "" ? undefined : new TextEncoder().encode(text);
    const file = this.file.peek();
    const bytes = file ? new Uint8Array(await file.arrayBuffer()) : typedFile;
    const { count = 1, ...options } = this.numbers.values;
    await runKindHere(this.kind, this.parameters.values, bytes, count, options);
  }

  #submit(executor: string) {
    const { kind, edited } = this;
    const { values: parameters } = this.parameters;
    const { count = 1, ...options } = this.numbers.values;
    const file = this.file.peek();
    if (file) {
      const fields = { kind: kind.name, executor, count, ...parameters, ...options };
      return submitForm(fields, file);
    }
    if (edited !== undefined && this.keptFile.peek() !== undefined && count === 1) {
      return runAgain(edited, { executor, parameters, ...options });
    }
    const body: Submission = { kind: kind.name, executor, parameters, count, ...options };
    if (kind.file !== null && this.text.peek() !== "") body.file = this.text.peek();
    else if (kind.file !== null && edited !== undefined) body.fileOf = edited;
    return submit(body);
  }
}
