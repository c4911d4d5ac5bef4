// Code: write a task in TypeScript and run it in this page's own sandbox, of which nothing reaches the server; or in the
// server's sandbox, where it was started with one.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../../../../modules/dashboard/page/format.ts";
import { attempt, say } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { addressOf } from "../../../../modules/dashboard/page/route.ts";
import type { Submitted } from "../../contract.ts";
import { runCode } from "../api.ts";
import { ownCode } from "../catalogue.ts";
import { keepDraft, readDraft } from "../drafts.ts";
import type { CodeFault, Editor } from "../editor.ts";
import { type BatchHere, batches, changes, isUnderWay, runHere } from "../here/jobs_here.ts";
import { HERE } from "../here/kinds_here.ts";
import {
  callsOf,
  EXAMPLE,
  exportsOf,
  fromFragment,
  holdsCode,
  lineIn,
  type TypedCode,
  toFragment,
} from "../here/typed_code.ts";
import { CodePlace } from "../parts/code_place.tsx";
import { Field, NumberField } from "../parts/field.tsx";
import { JobsHere } from "../parts/jobs_here.tsx";

type EditorModule = typeof import("../editor.ts");

/** What the draft is called, and what stands in it at first: beside the code the address it came from, if it did, and where it runs. */
const DRAFT = "code";
const AT_FIRST = { ...EXAMPLE, address: "", place: HERE };
type Draft = typeof AT_FIRST;

/** What was typed: another view may be looked at meanwhile, and the page may be loaded anew. */
let kept: Draft = readDraft(DRAFT, AT_FIRST) ?? AT_FIRST;

/** Its own file: nobody loads an editor who writes no code. */
async function loadEditor(): Promise<EditorModule> {
  return (await import(new URL("./editor.js", import.meta.url).href)) as EditorModule;
}

export function Code() {
  const typed = useSignal<Draft>(kept);
  const fault = useSignal<CodeFault | undefined>(undefined);
  const names = useSignal<readonly string[]>(exportsOf(kept.code));
  const isChecked = useSignal(false);
  const batch = useSignal<BatchHere | undefined>(undefined);
  const sent = useSignal<Submitted | undefined>(undefined);
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const tools = useRef<EditorModule | undefined>(undefined);
  const recipes = useSignal<EditorModule["RECIPES"]>([]);

  function set(changed: Partial<Draft>): void {
    typed.value = { ...typed.peek(), ...changed };
    kept = typed.peek();
    keepDraft(DRAFT, kept);
    fault.value = undefined;
    sent.value = undefined;
  }

  useEffect(() => {
    let closed = false;
    attempt(async () => {
      await takeShared();
      tools.current = await loadEditor();
      if (closed || host.current === null) return;
      recipes.value = tools.current.RECIPES;
      names.value = exportsOf(typed.peek().code);
      editor.current = tools.current.openEditor(host.current, {
        text: typed.peek().code,
        where: whereOf(placeOf(typed.peek())),
        onChange() {
          const code = editor.current?.text ?? "";
          set({ code });
          names.value = exportsOf(code);
          editor.current?.mark(undefined, undefined);
        },
        onChecked() {
          isChecked.value = true;
        },
      });
    });
    return () => {
      closed = true;
      editor.current?.close();
    };
  }, []);

  // A failure is shown in the code, at its line.
  useEffect(() => {
    const failed = batch.value?.jobs.find(({ error }) => error !== undefined);
    const line = lineIn(failed?.error?.stack);
    if (failed?.error && line !== undefined) editor.current?.mark(line, failed.error.message);
  }, [changes.value]);

  const name = names.value.includes(typed.value.name) ? typed.value.name : names.value.at(-1);

  const place = placeOf(typed.value);
  useEffect(() => editor.current?.runsIn(whereOf(place)), [place]);

  /** Begins anew from a recipe; what stood there is one step back in the editor. */
  function begin(title: string): void {
    const recipe = recipes.value.find((each) => each.title === title);
    if (recipe === undefined) return;
    editor.current?.replace(recipe.typed.code);
    set({ ...EXAMPLE, ...recipe.typed });
  }

  /** Takes the code of an address once: what is typed after that is not replaced by it again. */
  async function takeShared(): Promise<void> {
    const { hash: address } = location;
    if (!holdsCode(address) || address === kept.address) return;
    const shared = await fromFragment(address);
    if (shared === undefined) say("The code in this address cannot be read", true);
    else set({ ...shared, address });
  }

  // Those that are under way stay, with what cancels them, whatever is run beside them.
  void changes.value;
  const runs = batches.value
    .filter(({ from }) => from === "code")
    .filter((run, place) => place === 0 || isUnderWay(run));

  async function run(event: Event): Promise<void> {
    event.preventDefault();
    editor.current?.mark(undefined, undefined);
    fault.value = undefined;
    sent.value = undefined;
    // What was shown when the button was pressed, also where the editor is still on its way.
    const asked = typed.peek();
    try {
      const editing = tools.current ?? (await loadEditor());
      if (place === HERE) batch.value = await start(editing, asked, name);
      else sent.value = await send(editing, asked, name);
    } catch (error) {
      const { line, message } = error as CodeFault;
      fault.value = { line, message };
      editor.current?.mark(line, message);
    }
  }

  async function share(): Promise<void> {
    const { address: _, place: _place, ...code } = typed.peek();
    const fragment = await toFragment(code);
    set({ address: fragment });
    history.replaceState(null, "", `${location.pathname}${location.search}${fragment}`);
    await navigator.clipboard.writeText(location.href);
    say("The address is copied: it holds the code, after the #, which is sent to no server");
  }

  return (
    <form class="code-view" onSubmit={run} noValidate>
      <section class="panel code-written">
        <header>
          <h1>Code</h1>
          <p class="quiet">
            {place === HERE
              ? "Export a function. Each run has workers of its own in this page, without a network; the code stays in this page."
              : "Export a function. Each call has a process of its own on the server, which may do nothing; what comes of it is a job like any other."}
          </p>
          <select
            aria-label="Recipe"
            value=""
            onInput={(event) => begin(event.currentTarget.value)}
          >
            <option value="">Start from…</option>
            {recipes.value.map(({ title }) => (
              <option key={title}>{title}</option>
            ))}
          </select>
        </header>
        <div ref={host} class="editor" data-ready={editor.current !== undefined} />
        <footer>
          <button type="submit" class="primary" disabled={name === undefined}>
            <Icon name="play" />
            {name === undefined ? "Run" : `Run ${name}`}
          </button>
          <button type="button" onClick={() => attempt(share)}>
            <Icon name="copy" />
            Copy link
          </button>
          <span class="hint">
            {isChecked.value ? "Types are checked" : "Types are on their way"}
          </span>
          <p class="said" role="status" data-refused={fault.value !== undefined}>
            {fault.value
              ? `${fault.value.line === undefined ? "" : `Line ${fault.value.line}: `}${fault.value.message}`
              : sent.value
                ? sentWords(sent.value)
                : name === undefined && "The code exports no function yet."}
          </p>
        </footer>
      </section>
      <section class="panel code-calls">
        <CodePlace value={place} onChoose={(next) => set({ place: next })} />
        <h2>Calls</h2>
        <div class="fields">
          <Field label="Function" hint="which export to call">
            {(ids) => (
              <select
                {...ids}
                value={name}
                onInput={(event) => set({ name: event.currentTarget.value })}
              >
                {names.value.map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            )}
          </Field>
          <Field label="Arguments" hint="each call has its own">
            {(ids) => (
              <select
                {...ids}
                value={typed.value.mode}
                onInput={(event) =>
                  set({ mode: event.currentTarget.value === "list" ? "list" : "range" })
                }
              >
                <option value="range">a range of numbers</option>
                <option value="list">typed in</option>
              </select>
            )}
          </Field>
          {typed.value.mode === "list" ? (
            <Field label="One call a line" hint='JSON, separated by commas: 10, "ten", [1, 2]'>
              {(ids) => (
                <textarea
                  {...ids}
                  rows={4}
                  value={typed.value.list}
                  onInput={(event) => set({ list: event.currentTarget.value })}
                />
              )}
            </Field>
          ) : (
            (["from", "to", "step"] as const).map((part) => (
              <NumberField
                key={part}
                label={{ from: "From", to: "To", step: "Step" }[part]}
                value={typed.value[part]}
                onInput={(value) => set({ [part]: value })}
              />
            ))
          )}
          {place === HERE && (
            <NumberField
              label="Timeout"
              hint="ms for each call"
              placeholder="none"
              min={1}
              value={typed.value.timeout}
              onInput={(timeout) => set({ timeout })}
            />
          )}
        </div>
      </section>
      <div class="code-results">
        {runs.length === 0 && (
          <div class="panel here-none">
            <Empty title="Nothing has run yet">
              {place === HERE
                ? "What comes of each call is told here, and its jobs are in lanes and lists like any other."
                : "What comes of each call stands in lanes and lists, beside the server's other jobs."}
            </Empty>
          </div>
        )}
        {runs.map((run) => (
          <JobsHere key={run.number} batch={run} />
        ))}
      </div>
    </form>
  );
}

/** A draft may ask for what this server does not have. */
function placeOf({ place }: Draft): string {
  return place === ownCode.value?.executor ? place : HERE;
}

function whereOf(place: string): "page" | "sandbox" {
  return place === HERE ? "page" : "sandbox";
}

function sentWords({ batch, count }: Submitted) {
  return (
    <>
      {`Submitted ${counted(count, "job")}. `}
      <a href={addressOf("jobs", { batch })}>See them</a> or{" "}
      <a href={addressOf("live")}>watch the lanes</a>.
    </>
  );
}

/** Has the server make calls of what is typed, which it takes as it is. Throws a `CodeFault`. */
async function send(
  tools: EditorModule,
  typed: TypedCode,
  name: string | undefined,
): Promise<Submitted> {
  // What cannot be read is told at once, with its line.
  const stripped = tools.withoutTypes(typed.code);
  if ("fault" in stripped) throw stripped.fault;
  if (name === undefined) throw new RangeError("The code exports no function");
  return await runCode({ code: typed.code, name, calls: callsOf(typed) });
}

/** Makes calls of what is typed. Throws a `CodeFault`. */
async function start(
  tools: EditorModule,
  typed: TypedCode,
  name: string | undefined,
): Promise<BatchHere> {
  const stripped = tools.withoutTypes(typed.code);
  if ("fault" in stripped) throw stripped.fault;
  if (name === undefined) throw new RangeError("The code exports no function");
  const timeout = typed.timeout.trim() === "" ? undefined : Number(typed.timeout);
  if (timeout !== undefined && !(timeout > 0)) throw new RangeError("The timeout must be above 0");
  const calls = callsOf(typed).map((args) => ({
    name,
    args,
    about: args.map((arg) => JSON.stringify(arg)).join(", "),
    parameters: Object.fromEntries(args.map((arg, place) => [`argument ${place + 1}`, arg])),
    options: { timeout },
  }));
  return await runHere("code", name, stripped.javascript, calls);
}
