// What is said of a run: its name, how far it is, and what came of it.

import type { RunView } from "../contract.ts";
import { kindTitle } from "./catalogue.ts";
import { count, counted, duration, rate } from "./format.ts";

/** Says what it is made of: "10,000 × Primes on threads". */
export function nameOf({ jobs, parts }: RunView): string {
  const executors = [...new Set(parts.map(({ executor }) => executor))].join(" and ");
  const [first, ...rest] = [...new Set(parts.map(({ kind }) => kind))];
  if (first === undefined) return counted(jobs, "job");
  const what = rest.length === 0 ? kindTitle(first) : `jobs of ${rest.length + 1} kinds`;
  return `${count(jobs)} × ${what} on ${executors}`;
}

export function doneOf({ states }: RunView): number {
  return states.finished + states.failed + states.cancelled;
}

/** How long it took as a whole, from the submission to the last outcome; undefined while it goes on. */
export function tookOf({ submittedAt, finishedAt }: RunView): number | undefined {
  return finishedAt === null ? undefined : Math.max(0, finishedAt - submittedAt);
}

/** Says what came of it: "10,000 in 0.39 s, 25,600 a second, slowest 12 ms". */
export function resultOf(run: RunView): string {
  const { jobs, states, slowestMs } = run;
  const took = tookOf(run);
  if (took === undefined) return `${count(doneOf(run))} of ${counted(jobs, "job")} done`;
  const parts = [`${count(jobs)} in ${duration(took)}`];
  if (jobs > 1) parts.push(rate(jobs, took));
  if (slowestMs !== null && jobs > 1) parts.push(`slowest ${duration(slowestMs)}`);
  if (states.failed > 0) parts.push(`${count(states.failed)} failed`);
  if (states.cancelled > 0) parts.push(`${count(states.cancelled)} cancelled`);
  return parts.join(", ");
}
