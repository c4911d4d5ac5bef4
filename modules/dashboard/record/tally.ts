// Tally: how many jobs are known in each state, exact at every moment.

import { type Counts, JOB_STATES, type JobState, REASONS, type Reason } from "../contract.ts";

/** So many jobs in one state, for one reason. */
export interface Group {
  readonly state: JobState;
  readonly reason: Reason | null;
  readonly jobs: number;
}

export class Tally {
  #counts: Counts = countOf([]);

  add(state: JobState, reason: Reason | null, jobs = 1): void {
    addTo(this.#counts, { state, reason, jobs });
  }

  remove(state: JobState, reason: Reason | null, jobs = 1): void {
    addTo(this.#counts, { state, reason, jobs: -jobs });
  }

  clear(): void {
    this.#counts = countOf([]);
  }

  view(): Counts {
    return structuredClone(this.#counts);
  }
}

/** Adds groups up. */
export function countOf(groups: readonly Group[]): Counts {
  const counts = {
    total: 0,
    states: Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Counts["states"],
    reasons: Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Counts["reasons"],
  };
  for (const group of groups) addTo(counts, group);
  return counts;
}

function addTo(counts: Counts, { state, reason, jobs }: Group): void {
  counts.total += jobs;
  counts.states[state] += jobs;
  if (reason !== null) counts.reasons[reason] += jobs;
}
