// The filters of the table of jobs: states, search, kind, executor; all of them stand in the URL.

import { useSignal } from "@preact/signals";
import { debounce } from "deno-std/async/debounce.js";
import { useEffect, useMemo } from "preact/hooks";
import type { JobState, Reason } from "../../contract.ts";
import { kinds } from "../catalogue.ts";
import { count } from "../format.ts";
import type { JobList } from "../job_list.ts";
import { executors } from "../live.ts";
import { local } from "../local.ts";
import { ask, asked } from "../route.ts";
import { Icon } from "./icon.tsx";
import { reasonText } from "./state_badge.tsx";

/** A search begins when typing pauses. */
const TYPED_MS = 200;

const STATES: readonly JobState[] = ["pending", "running", "finished", "failed", "cancelled"];
const REASONS: readonly Reason[] = ["timed-out", "worker-lost", "server-lost"];

export function StateTabs({ list }: { list: JobList }) {
  list.version.value;
  const { counts } = list;
  const state = asked("state");
  const reason = asked("reason");
  const all = { state: undefined, reason: undefined };
  return (
    <div class="state-tabs" role="group" aria-label="States">
      <Tab name="all" n={counts?.total} chosen={!state && !reason} onChoose={() => ask(all)} />
      {STATES.map((name) => (
        <Tab
          key={name}
          name={name}
          state={name}
          n={counts?.states[name]}
          chosen={state === name && !reason}
          onChoose={() => ask({ state: name, reason: undefined })}
        />
      ))}
      <span class="tabs-divider" />
      {REASONS.map((name) => (
        <Tab
          key={name}
          name={reasonText(name)}
          n={counts?.reasons[name]}
          chosen={reason === name}
          onChoose={() => ask({ state: "failed", reason: name })}
        />
      ))}
    </div>
  );
}

function Tab({
  name,
  state,
  n,
  chosen,
  onChoose,
}: {
  name: string;
  state?: JobState;
  n: number | undefined;
  chosen: boolean;
  onChoose(): void;
}) {
  return (
    <button type="button" aria-pressed={chosen} data-state={state} onClick={onChoose}>
      {name}
      <span class="tab-count">{n === undefined ? "–" : count(n)}</span>
    </button>
  );
}

export function Filters() {
  const text = useSignal(asked("text") ?? "");
  const asking = useMemo(() => debounce(() => ask({ text: text.peek() }, "replace"), TYPED_MS), []);
  useEffect(() => asking.clear, []);
  function search(value: string): void {
    text.value = value;
    asking();
  }
  const others = ["worker", "batch"].filter((name) => asked(name) !== undefined);
  const here = local()?.executor;
  const places = [...executors.value.map(({ name }) => name), ...(here ? [here] : [])];
  return (
    <search class="filters">
      <label class="search">
        <Icon name="search" />
        <span class="unseen">Search</span>
        <input
          type="search"
          maxLength={200}
          placeholder="Search number, kind, worker, file, result, error"
          value={text.value}
          onInput={(event) => search(event.currentTarget.value)}
        />
      </label>
      <Choice
        label="Kind"
        name="kind"
        options={kinds.value.map(({ name, title }) => [name, title])}
      />
      <Choice label="Executor" name="executor" options={places.map((name) => [name, name])} />
      {others.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-label={`Take away the filter for the ${name}`}
          onClick={() => ask({ [name]: undefined })}
        >
          {name} {asked(name)?.slice(0, 8)}
          <Icon name="close" />
        </button>
      ))}
    </search>
  );
}

function Choice({
  label,
  name,
  options,
}: {
  label: string;
  name: string;
  options: (readonly [string, string])[];
}) {
  const value = asked(name) ?? "";
  return (
    <label class="filter">
      <span class="unseen">{label}</span>
      <select value={value} onInput={(event) => ask({ [name]: event.currentTarget.value })}>
        <option value="">{`Every ${label.toLowerCase()}`}</option>
        {value !== "" && !options.some(([option]) => option === value) && (
          <option value={value}>{value}</option>
        )}
        {options.map(([option, title]) => (
          <option key={option} value={option}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
