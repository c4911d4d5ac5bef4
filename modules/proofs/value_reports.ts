// reportValues: prints what becomes of each kind of value, for the table in docs/values.md.
import { specimens } from "../testing/fixtures/specimens.ts";
import type { Subject } from "../testing/subject.ts";
import { tryValues } from "../testing/value_trials.ts";

/** A kind of value on one executor. */
export interface ValueReport {
  /** The executor. */
  readonly subject: string;
  /** The kind of value. */
  readonly name: string;
  /** The heading it stands under. */
  readonly group: string;
  /** See `ValueTrial`. */
  readonly outcome: string;
  /** What is left of it where it arrives partly. */
  readonly loses: string | undefined;
}

/** Tries every kind of value on every subject, and prints a line of JSON for each. */
export async function reportValues(subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) {
    for (const report of await valuesOf(subject)) console.log(JSON.stringify(report));
  }
}

/** Tries every kind of value on one subject. */
export async function valuesOf(subject: Subject): Promise<ValueReport[]> {
  // What is thrown late by a stream or a port that nobody reads is not looked at here.
  await using executor = subject.create({ maxWorkers: 1, onError: () => {} });
  const losses = new Map(specimens.map(({ name, loses }) => [name, loses]));
  const trials = await tryValues(executor);
  return trials.map((trial) => ({
    ...trial,
    subject: subject.name,
    loses: losses.get(trial.name),
  }));
}
