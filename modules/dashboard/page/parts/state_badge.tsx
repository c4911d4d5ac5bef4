// StateBadge: a job's state as a word with a mark, and the reason where a failure has one.

import type { JobState, Reason } from "../../contract.ts";

const REASONS: Record<Reason, string> = {
  "timed-out": "timed out",
  "worker-lost": "worker lost",
  "server-lost": "lost with the server",
};

export function StateBadge({ state, reason }: { state: JobState; reason: Reason | null }) {
  return (
    <span class="state" data-state={state}>
      {reason === null ? state : reasonText(reason)}
    </span>
  );
}

export function reasonText(reason: Reason): string {
  return REASONS[reason];
}
