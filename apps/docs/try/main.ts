// The page in which visitors of the site try a task. There is no server behind it: what is typed runs in a frame without an
// origin, which the playground made.

import { transform } from "sucrase";
import type { FromSandbox } from "../../playground/page/here/messages.ts";
import { openRun, type Run } from "../../playground/page/here/run.ts";
import {
  callsOf,
  EXAMPLE,
  exportsOf,
  fromFragment,
  holdsCode,
  type TypedCode,
  toFragment,
  WHOLE,
} from "../../playground/page/here/typed_code.ts";

const at = <E extends HTMLElement>(selector: string): E => {
  const found = document.querySelector<E>(selector);
  if (found === null) throw new TypeError(`Cannot find ${selector}: it is not in the page`);
  return found;
};

const code = at<HTMLTextAreaElement>("#code");
const list = at<HTMLTextAreaElement>("#list");
const name = at<HTMLSelectElement>("#name");
const state = at("#state");
const printed = at("#printed");
const rows = at<HTMLTableSectionElement>("tbody");
let current: Run | undefined;

/** Characters of what is printed that are kept: code may print without end. */
const MOST_PRINTED = 100_000;

/** What is typed now. */
function typed(): TypedCode {
  return { ...EXAMPLE, code: code.value, name: name.value, mode: "list", list: list.value };
}

function showNames(chosen = name.value): void {
  const names = exportsOf(code.value);
  const all = [...names.map((each) => new Option(each)), new Option("(the whole module)", WHOLE)];
  name.replaceChildren(...all);
  name.value = chosen === WHOLE || names.includes(chosen) ? chosen : (names.at(-1) ?? WHOLE);
  showWhether();
}

/** A module that is run as a program takes no arguments. */
function showWhether(): void {
  list.disabled = name.value === WHOLE;
}

function say(text: string, isFailure = false): void {
  state.textContent = text;
  state.classList.toggle("failed", isFailure);
}

/** Runs every line as a call, and shows what becomes of each. */
async function runAll(): Promise<void> {
  close();
  const task = name.value;
  const calls = callsOf(typed());
  const what = task === WHOLE ? "1 run" : `${calls.length} calls`;
  const module = transform(code.value, { transforms: ["typescript"] }).code;
  const cells = calls.map((args) => {
    const row = rows.insertRow();
    for (const text of [
      args.map((value) => JSON.stringify(value)).join(", "),
      "",
      "pending",
      "",
      "",
    ])
      row.insertCell().textContent = text;
    return row.cells;
  });
  at<HTMLTableElement>("table").hidden = false;
  at<HTMLButtonElement>("#cancel").disabled = false;
  const started: number[] = [];
  let open = calls.length;
  const began = performance.now();
  current = await openRun(module, (message: FromSandbox) => {
    if (message.what === "ready") {
      say(`${what} on ${message.maxWorkers} workers of this browser`);
      return;
    }
    if (message.what === "worker") return;
    const cell = cells[message.job];
    const put = (place: number, text: string) => {
      const found = cell?.[place];
      if (found) found.textContent = text;
    };
    if (message.what === "started") {
      started[message.job] = message.at;
      put(1, message.worker.name);
      put(2, "running");
    } else if (message.what === "progress") {
      put(2, `running, ${Math.round(100 * message.fraction)} %`);
    } else if (message.what === "printed") {
      const lines = message.lines.map(({ text }) => `${text}\n`).join("");
      printed.textContent = `${printed.textContent}${lines}`.slice(-MOST_PRINTED);
    } else if (message.what === "result") {
      if (task !== WHOLE) put(4, JSON.stringify(message.value) ?? String(message.value));
    } else if (message.what === "settled") {
      put(2, message.state);
      put(3, `${Math.round(message.at - (started[message.job] ?? message.at))} ms`);
      if (message.error) put(4, `${message.error.name}: ${message.error.message}`);
      cell?.[4]?.classList.toggle("failed", message.state !== "finished");
      if (--open > 0) return;
      say(`${what}, done in ${Math.round(performance.now() - began)} ms`);
      close(false);
    }
  });
  current.say({
    what: "submit",
    calls: calls.map((args) => ({ name: task, args, options: {} })),
  });
}

/** Takes away what runs, and what came of it. */
function close(isNew = true): void {
  current?.close();
  current = undefined;
  at<HTMLButtonElement>("#cancel").disabled = true;
  if (!isNew) return;
  rows.replaceChildren();
  printed.textContent = "";
}

document.documentElement.classList.toggle("dark", location.search === "?dark");
// The site around it is switched. Loading this anew would lose what was typed.
addEventListener("message", ({ source, data }) => {
  if (source === parent) document.documentElement.classList.toggle("dark", data?.dark === true);
});
const shared = await fromFragment(location.hash);
code.value = shared?.code ?? EXAMPLE.code;
list.value = shared?.mode === "list" ? shared.list : "100000\n200000\n300000\n400000";
showNames(shared?.name);
// It runs when the visitor says so, never because of an address, which anybody may have made.
if (shared) say("This code came with the address. Nothing runs before you press Run.");
else if (holdsCode(location.hash)) say("The address holds code that cannot be read", true);
code.addEventListener("input", () => showNames());
name.addEventListener("change", showWhether);
at("#run").addEventListener("click", () => {
  runAll().catch((error: unknown) => {
    close();
    say(String(error), true);
  });
});
at("#cancel").addEventListener("click", () => current?.say({ what: "cancel" }));
at("#share").addEventListener("click", async () => {
  location.hash = await toFragment(typed());
  at("#address").textContent = location.href;
});
