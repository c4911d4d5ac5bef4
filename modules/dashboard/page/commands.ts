// Commands: all that can be done from anywhere, by name, for the palette; and the keys that do it.

import { additions, type Command } from "./additions.ts";
import { executors } from "./live.ts";
import { goTo } from "./route.ts";
import { isDark, switchTheme } from "./theme.ts";
import { shownViews } from "./views/registry.ts";

const ACTIONS = ":is(main, .job-panel) button:not(:disabled, [aria-disabled=true])";

const STATES = ["pending", "running", "finished", "failed", "cancelled"];

/** All commands that are of use here now: what is done from anywhere first. */
export function commands(): readonly Command[] {
  return [
    ...shownViews().map(({ name, title }) => ({ title: `Go to ${title}`, run: () => goTo(name) })),
    ...STATES.map((state) => ({
      title: `Show ${state} jobs`,
      run: () => goTo("jobs", { state }),
    })),
    { title: "Group jobs by run", run: () => goTo("jobs", { by: "run" }) },
    { title: "Group failed jobs by error", run: () => goTo("jobs", { by: "error" }) },
    ...executors.value.map(({ name }) => ({
      title: `Show jobs on ${name}`,
      run: () => goTo("jobs", { executor: name }),
    })),
    ...executors.value.map(({ name }) => ({
      title: `Show charts of ${name}`,
      run: () => goTo("charts", { executor: name }),
    })),
    { title: `Use ${isDark() ? "light" : "dark"} colours`, run: switchTheme },
    { title: "Export all jobs as CSV", run: () => download("api/export?format=csv") },
    { title: "Export all jobs as JSON", run: () => download("api/export?format=json") },
    { title: "Save a trace for Perfetto", run: () => download("api/trace") },
    ...(additions().commands?.() ?? []),
    ...actionsHere(),
  ];
}

/** What the view that is open offers, by its buttons: nothing can be done that is not found by its name. */
function actionsHere(): Command[] {
  const buttons = [...document.querySelectorAll<HTMLElement>(ACTIONS)].filter((button) =>
    button.checkVisibility(),
  );
  const names = buttons.map(({ ariaLabel, textContent }) =>
    (ariaLabel ?? textContent ?? "").trim(),
  );
  const actions = new Map<string, Command>();
  for (const [at, button] of buttons.entries()) {
    const name = names[at] as string;
    // What is called the same in several places is told by where it stands.
    const isOne = names.indexOf(name) === names.lastIndexOf(name);
    const place = isOne ? undefined : button.parentElement?.closest("[aria-label]")?.ariaLabel;
    const title = place ? `${name}: ${place}` : name;
    if (title !== "" && !actions.has(title))
      actions.set(title, { title, run: () => button.click() });
  }
  return [...actions.values()];
}

/** Those whose words begin with what was typed, in any order; the shortest first. */
export function matching(all: readonly Command[], typed: string): Command[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all
    .filter(({ title }) => {
      const words = title.toLowerCase().split(/[\s,:()]+/);
      return wanted.every((part) => words.some((word) => word.startsWith(part)));
    })
    .sort((a, b) => (wanted.length === 0 ? 0 : a.title.length - b.title.length));
}

/** Keys, and what they do, by where they are heard. */
export const KEYS: readonly { where: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    where: "Everywhere",
    keys: [
      ["Ctrl K", "find and do anything"],
      ["?", "show these keys"],
      ["Esc", "close what is open"],
    ],
  },
  {
    where: "In the lanes",
    keys: [
      ["← →", "look earlier, later"],
      ["+ −", "look closer, farther"],
      ["N P", "go to the next bar, the previous one"],
      ["Enter", "open the job of the bar"],
      ["F", "follow the present, or stand still"],
      ["0", "show everything"],
    ],
  },
  { where: "In the table of jobs", keys: [["↑ ↓", "go from row to row"]] },
];

function download(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}
