// The tour: six stops, each a few seconds, in the views themselves; by keyboard, and left at any of them.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { executors, showBegun, trial } from "../../../modules/dashboard/page/live.ts";
import { attempt } from "../../../modules/dashboard/page/notices.ts";
import { goTo } from "../../../modules/dashboard/page/route.ts";
import { submit, tryExperiment } from "./api.ts";

interface Stop {
  readonly title: string;
  readonly text: string;
  readonly view: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What is to be looked at. */
  readonly about: string;
  /** What may be tried there. */
  readonly deed?: { readonly name: string; act(executor: string): Promise<unknown> };
}

const STOPS: readonly Stop[] = [
  {
    title: "Submit",
    text: "A job is a call of a task. Choose what, where and how often; the code beside the form does the same.",
    view: "submit",
    query: { kind: "primes" },
    about: ".job-form",
    deed: {
      name: "Submit 30 jobs",
      act: (executor) =>
        submit({ kind: "primes", executor, count: 30, parameters: { n: 5_000_000 } }),
    },
  },
  {
    title: "Lanes",
    text: "Each worker is a lane, each job a bar; the stripes below it are its time in the queue. Click a bar for all about its job.",
    view: "live",
    about: ".lanes",
    deed: {
      name: "Submit 30 jobs",
      act: (executor) =>
        submit({ kind: "primes", executor, count: 30, parameters: { n: 5_000_000 } }),
    },
  },
  {
    title: "A failure, and its recovery",
    text: "A worker that dies takes its own job along and nothing else. Another one takes over.",
    view: "break",
    about: ".experiment:nth-child(2)",
    deed: {
      name: "End a worker",
      async act(executor) {
        showBegun(trial, (await tryExperiment("exit", executor)).trial);
      },
    },
  },
  {
    title: "Cancel, and time out",
    text: "What waits is dropped. What runs is told to stop, and ended if it does not. A timeout counts from a job’s start.",
    view: "jobs",
    about: ".jobs > .table",
    deed: {
      name: "Submit 4 jobs of 60 s, with a timeout of 3 s",
      act: (executor) =>
        submit({ kind: "sleep", executor, count: 4, timeout: 3000, parameters: { ms: 60_000 } }),
    },
  },
  {
    title: "Compare",
    text: "The same jobs on two executors, several times: with one worker, and with all. What is not told apart is not called faster.",
    view: "compare",
    about: ".compare",
  },
  {
    title: "Your own code",
    text: "Write a task in TypeScript, and run it in workers of this browser. It never leaves this page.",
    view: "code",
    about: ".code-view",
  },
];

/** Which stop is shown; undefined while nobody takes the tour. */
const at = signal<number | undefined>(undefined);

export function beginTour(): void {
  at.value = 0;
}

export function Tour() {
  const n = at.value;
  const stop = n === undefined ? undefined : STOPS[n];
  const card = useRef<HTMLElement>(null);

  useEffect(() => {
    if (stop === undefined) return;
    goTo(stop.view, stop.query ? { ...stop.query } : {});
    card.current?.focus({ preventScroll: true });
    return highlight(stop.about);
  }, [stop]);

  if (n === undefined || stop === undefined) return null;
  const go = (to: number | undefined) => {
    at.value = to === STOPS.length ? undefined : to;
  };
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") go(undefined);
    else if (event.key === "ArrowRight") go(Number(n) + 1);
    else if (event.key === "ArrowLeft" && Number(n) > 0) go(Number(n) - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  const { deed } = stop;
  const executor = executors.value[0]?.name;
  return (
    <section
      class="tour"
      ref={card}
      tabIndex={-1}
      aria-label={`Tour, stop ${n + 1} of ${STOPS.length}`}
      onKeyDown={onKeyDown}
    >
      <p class="hint">{`Stop ${n + 1} of ${STOPS.length}`}</p>
      <h2>{stop.title}</h2>
      <p>{stop.text}</p>
      <div class="tour-actions">
        {deed && executor && (
          <button type="button" onClick={() => attempt(() => deed.act(executor))}>
            {deed.name}
          </button>
        )}
        <span class="tour-steps">
          <button type="button" class="quiet-button" onClick={() => go(undefined)}>
            Leave
          </button>
          {n > 0 && (
            <button type="button" onClick={() => go(n - 1)}>
              Back
            </button>
          )}
          <button type="button" class="primary" onClick={() => go(n + 1)}>
            {n + 1 === STOPS.length ? "Done" : "Next"}
          </button>
        </span>
      </div>
    </section>
  );
}

/** Rings what a stop is about, once it is there, until the next stop. */
function highlight(about: string): () => void {
  let ringed: Element | undefined;
  function ring(): void {
    const found = document.querySelector(about);
    if (!found || found === ringed) return;
    ringed?.removeAttribute("data-toured");
    ringed = found;
    found.setAttribute("data-toured", "true");
    found.scrollIntoView({ block: "center" });
  }
  const seen = new MutationObserver(ring);
  seen.observe(document.body, { childList: true, subtree: true });
  ring();
  return () => {
    seen.disconnect();
    ringed?.removeAttribute("data-toured");
  };
}
