// BulkActions: cancels or runs again all jobs that a list shows, after saying how many they are.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Counts, JobFilter, JobState } from "../../contract.ts";
import { cancelMany, fetchJobs, runManyAgain } from "../api.ts";
import { count, counted } from "../format.ts";
import type { ListQuery } from "../job_list.ts";
import { can } from "../live.ts";
import { attempt, say } from "../notices.ts";
import { Confirm } from "./confirm.tsx";
import { Icon } from "./icon.tsx";

/** The states each action is about. */
const ABOUT = {
  cancel: ["pending", "running"],
  again: ["failed", "cancelled"],
} as const satisfies Record<string, readonly JobState[]>;

type Action = keyof typeof ABOUT;

export function BulkActions({
  query,
  total,
  counts,
}: {
  query: Partial<ListQuery>;
  total: number;
  counts: Counts | undefined;
}) {
  const asking = useSignal<Action | undefined>(undefined);
  const { sort: _sort, order: _order, ...filter } = query;
  const found = (action: Action) =>
    filter.state !== undefined
      ? ABOUT[action].some((state) => state === filter.state)
        ? total
        : 0
      : ABOUT[action].reduce((sum, state) => sum + (counts?.states[state] ?? 0), 0);
  return (
    <div class="bulk" role="group" aria-label="All of these jobs">
      {can("cancel") && (
        <button
          type="button"
          disabled={found("cancel") === 0}
          onClick={() => {
            asking.value = "cancel";
          }}
        >
          <Icon name="stop" />
          {`Cancel ${count(found("cancel"))}`}
        </button>
      )}
      {can("submit") && (
        <button
          type="button"
          disabled={found("again") === 0}
          onClick={() => {
            asking.value = "again";
          }}
        >
          <Icon name="again" />
          {`Retry ${count(found("again"))}`}
        </button>
      )}
      {asking.value && (
        <Ask
          action={asking.value}
          filter={filter}
          onClose={() => {
            asking.value = undefined;
          }}
        />
      )}
    </div>
  );
}

function Ask({ action, filter, onClose }: { action: Action; filter: JobFilter; onClose(): void }) {
  const matched = useSignal<number | undefined>(undefined);
  const interrupt = useSignal(true);
  // Counted by the server when it is asked, for what a list says may be a moment old.
  useEffect(() => {
    attempt(async () => {
      matched.value = await countNow(action, filter);
    });
  }, []);
  const n = matched.value;
  const narrowed = Object.keys(filter).length > 0;
  const which = narrowed ? "that match the filter" : "in all";

  async function act(): Promise<void> {
    if (action === "cancel") {
      const done = await cancelMany(filter, interrupt.peek());
      say(`Cancelled ${count(done.cancelled)} of ${counted(done.matched, "job")}`);
    } else {
      const done = await runManyAgain(filter);
      const skipped = done.skipped > 0 ? `, ${count(done.skipped)} could not be` : "";
      say(`Submitted ${counted(done.submitted, "job")} again${skipped}`);
    }
  }

  const jobs = n === undefined ? "jobs" : counted(n, "job");
  return (
    <Confirm
      title={action === "cancel" ? `Cancel ${jobs}?` : `Run ${jobs} again?`}
      action={action === "cancel" ? `Cancel ${jobs}` : `Run ${jobs} again`}
      final={action === "cancel"}
      disabled={n === undefined || n === 0}
      onConfirm={() => attempt(act)}
      onClose={onClose}
    >
      <p>
        {action === "cancel"
          ? `${n === undefined ? "Counting the" : count(n)} pending and running jobs ${which}.`
          : `${n === undefined ? "Counting the" : count(n)} failed and cancelled jobs ${which}. Each is submitted anew with its own arguments.`}
      </p>
      {action === "cancel" && (
        <label class="check">
          <input
            type="checkbox"
            checked={interrupt.value}
            onInput={(event) => {
              interrupt.value = event.currentTarget.checked;
            }}
          />
          Interrupt those that run
        </label>
      )}
    </Confirm>
  );
}

async function countNow(action: Action, filter: JobFilter): Promise<number> {
  const states = ABOUT[action].filter(
    (state) => filter.state === undefined || state === filter.state,
  );
  const pages = await Promise.all(states.map((state) => fetchJobs({ ...filter, state, limit: 1 })));
  return pages.reduce((sum, { total }) => sum + total, 0);
}
