// BulkActions: what can be done to all jobs that a list shows, after saying how many they are: cancel, and what an app brings.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { JobFilter } from "../../contract.ts";
import { additions, type BulkAction, type Listed } from "../additions.ts";
import { cancelMany, fetchJobs } from "../api.ts";
import { count, counted } from "../format.ts";
import { can } from "../live.ts";
import { attempt, say } from "../notices.ts";
import { Confirm } from "./confirm.tsx";
import { Icon } from "./icon.tsx";

const CANCEL: BulkAction = {
  needs: "cancel",
  states: ["pending", "running"],
  icon: "stop",
  name: "Cancel",
  title: (jobs) => `Cancel ${jobs}`,
  about: (n, which) => `${n} pending and running jobs ${which}.`,
  isFinal: true,
  choice: "Interrupt those that run",
  async act(filter, isInterrupted) {
    const done = await cancelMany(filter, isInterrupted);
    return `Cancelled ${count(done.cancelled)} of ${counted(done.matched, "job")}`;
  },
};

export function BulkActions({ query, total, counts }: Listed) {
  const asking = useSignal<BulkAction | undefined>(undefined);
  const { sort: _sort, order: _order, ...filter } = query;
  const found = ({ states }: BulkAction) =>
    filter.state !== undefined
      ? states.some((state) => state === filter.state)
        ? total
        : 0
      : states.reduce((sum, state) => sum + (counts?.states[state] ?? 0), 0);
  return (
    <div class="bulk" role="group" aria-label="All of these jobs">
      {[CANCEL, ...(additions().bulkActions ?? [])]
        .filter(({ needs }) => can(needs))
        .map((action) => (
          <button
            key={action.name}
            type="button"
            disabled={found(action) === 0}
            onClick={() => {
              asking.value = action;
            }}
          >
            <Icon name={action.icon} />
            {`${action.name} ${count(found(action))}`}
          </button>
        ))}
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

function Ask({
  action,
  filter,
  onClose,
}: {
  action: BulkAction;
  filter: JobFilter;
  onClose(): void;
}) {
  const matched = useSignal<number | undefined>(undefined);
  const isChosen = useSignal(true);
  // Counted by the server when it is asked, for what a list says may be a moment old.
  useEffect(() => {
    attempt(async () => {
      matched.value = await countNow(action, filter);
    });
  }, []);
  const n = matched.value;
  const which = Object.keys(filter).length > 0 ? "that match the filter" : "in all";
  const title = action.title(n === undefined ? "jobs" : counted(n, "job"));
  return (
    <Confirm
      title={`${title}?`}
      action={title}
      final={action.isFinal}
      disabled={n === undefined || n === 0}
      onConfirm={() => attempt(async () => say(await action.act(filter, isChosen.peek())))}
      onClose={onClose}
    >
      <p>{action.about(n === undefined ? "Counting the" : count(n), which)}</p>
      {action.choice && (
        <label class="check">
          <input
            type="checkbox"
            checked={isChosen.value}
            onInput={(event) => {
              isChosen.value = event.currentTarget.checked;
            }}
          />
          {action.choice}
        </label>
      )}
    </Confirm>
  );
}

async function countNow({ states }: BulkAction, filter: JobFilter): Promise<number> {
  const asked = states.filter((state) => filter.state === undefined || state === filter.state);
  const pages = await Promise.all(asked.map((state) => fetchJobs({ ...filter, state, limit: 1 })));
  return pages.reduce((sum, { total }) => sum + total, 0);
}
