// Runs and failures: the jobs, grouped by what was submitted together, or by the error they failed with.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FailureGroup, JobFilter } from "../../contract.ts";
import { fetchFailures } from "../api.ts";
import { kindTitle } from "../catalogue.ts";
import { count, counted, timeOfDay } from "../format.ts";
import { onRows, runs, server } from "../live.ts";
import { isLocal } from "../local.ts";
import { complain } from "../notices.ts";
import { Empty } from "../parts/empty.tsx";
import { Pair } from "../parts/pair.tsx";
import { RunLine } from "../parts/run_line.tsx";
import { reasonText } from "../parts/state_badge.tsx";
import { addressOf, ask, asked, openPanel } from "../route.ts";

/** Failures are asked for again this long after a change, at the earliest. */
const AGAIN_MS = 500;

export function Runs() {
  const all = runs.value;
  const chosen = (asked("with") ?? "").split(",").filter((id) => id !== "");
  const pair = all.filter(({ id }) => chosen.includes(id)).slice(0, 2);
  function choose(id: string): void {
    const next = chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];
    ask({ with: next.slice(-2).join(",") }, "replace");
  }
  if (all.length === 0) {
    return (
      <div class="panel">
        {server.value === undefined ? (
          <p class="empty quiet">Loading</p>
        ) : (
          <Empty title="No runs yet">
            A run is what was submitted together. It gets a line here, with what came of it.
          </Empty>
        )}
      </div>
    );
  }
  return (
    <div class="grouped">
      {pair.length === 2 && <Pair key={pair.map(({ id }) => id).join()} runs={pair} />}
      <ul class="panel group-list" aria-label="Runs">
        {all.map((run) => (
          <li key={run.id}>
            <RunLine run={run}>
              <label class="run-choice">
                <input
                  type="checkbox"
                  checked={chosen.includes(run.id)}
                  onInput={() => choose(run.id)}
                />
                Compare
              </label>
            </RunLine>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Failures({ filter }: { filter: JobFilter }) {
  const groups = useSignal<readonly FailureGroup[] | undefined>(undefined);
  const key = JSON.stringify(filter);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    async function load(): Promise<void> {
      try {
        const found = await fetchFailures(filter);
        if (!stopped) groups.value = found;
      } catch (error) {
        if (!stopped) complain(error);
      }
    }
    void load();
    const forget = onRows((rows, more) => {
      // Something is told each second, whatever goes on.
      if (rows?.every(isLocal) && more === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void load();
      }, AGAIN_MS);
    });
    return () => {
      stopped = true;
      clearTimeout(timer);
      forget();
    };
  }, [key]);
  const found = groups.value;
  if (found === undefined) return <p class="panel empty quiet">Loading</p>;
  if (found.length === 0) {
    return (
      <div class="panel">
        <Empty title="No failures">Failed jobs are grouped here by their errors.</Empty>
      </div>
    );
  }
  return (
    <ul class="panel group-list" aria-label="Failures by error">
      {found.map((group) => (
        <li key={`${group.name} ${group.latest}`} class="failure">
          <strong class="failure-count">{count(group.jobs)}</strong>
          <span class="failure-error">
            <span class="state" data-state="failed">
              {group.reason === null ? group.name : reasonText(group.reason)}
            </span>
            <span class="failure-message">{group.message}</span>
            <span class="hint">
              {`${group.kinds.map(kindTitle).join(", ")}, last at ${timeOfDay(group.latestAt).slice(0, 8)}`}
            </span>
          </span>
          <span class="run-actions">
            <button type="button" class="link" onClick={() => openPanel(group.latest)}>
              Open the latest
            </button>
            <a href={addressOf("jobs", { state: "failed", text: partOf(group) })}>
              {`Show ${counted(group.jobs, "job")}`}
            </a>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What all messages of a group have in common: the longest part without numbers. */
function partOf({ name, message }: FailureGroup): string {
  const parts = message.split(/\d+(?:\.\d+)?/).map((part) => part.trim());
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), "");
  return (longest || name).slice(0, 200);
}
