// groupFailures: failures of one kind, together: those whose errors differ in nothing but numbers.

import type { FailureGroup } from "../contract.ts";
import type { DatabaseRow } from "./database.ts";

/** Groups that are told, those with the most jobs first. */
export const MOST_GROUPS = 100;

/** Groups failures that are equal already, by what is left of their messages without numbers, and addresses of memory. */
export function groupFailures(rows: readonly DatabaseRow[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const row of rows) {
    const name = (row.error_name ?? "Error") as string;
    const message = (row.error_message ?? "") as string;
    const key = JSON.stringify([name, row.reason, message.replace(/\d+(?:\.\d+)?/g, "#")]);
    const jobs = Number(row.jobs);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, {
        name,
        message,
        reason: row.reason as FailureGroup["reason"],
        jobs,
        kinds: [row.kind as string],
        latest: row.latest as string,
        latestAt: row.latest_at as number,
      });
      continue;
    }
    group.jobs += jobs;
    if (!group.kinds.includes(row.kind as string)) group.kinds.push(row.kind as string);
    if ((row.latest_at as number) <= group.latestAt) continue;
    // The newest is the one to look at.
    group.message = message;
    group.latest = row.latest as string;
    group.latestAt = row.latest_at as number;
  }
  return [...groups.values()].sort((a, b) => b.jobs - a.jobs).slice(0, MOST_GROUPS);
}
