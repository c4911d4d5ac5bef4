// testConformance(): registers the conformance suite as tests of Bun.

import { test } from "bun:test";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  type ConformanceCase,
  conformanceCases,
  runCase,
  type Subject,
  type SubjectTraits,
} from "../../testing/mod.ts";
import { subjects } from "./subjects.ts";

/**
 * Bun's test runner takes the errors that nobody catches in a *thread* for itself, and ends the thread. A plain program
 * does not: there these cases are run.
 */
const UNCAUGHT = [
  "cf-crash-throws-later",
  "cf-crash-throws-meanwhile",
  "cf-crash-rejects-unhandled",
  "cf-values-late",
];

/** Registers every case for the executors of some traits. Each kind of worker has a file, so that they can run side by side. */
export function testConformance(isMeant: (traits: SubjectTraits) => boolean): void {
  for (const subject of subjects.filter(({ traits }) => isMeant(traits))) {
    for (const conformanceCase of conformanceCases) {
      const applies = conformanceCase.applies(subject);
      const name = `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`;
      const isOutside =
        subject.executorName === "ThreadPoolExecutor" && UNCAUGHT.includes(conformanceCase.id);
      const run = isOutside ? runOutside : runCase;
      test.skipIf(applies !== true)(
        applies === true ? name : `${name} (not applicable: ${applies})`,
        () => run(conformanceCase, subject),
      );
    }
  }
}

async function runOutside({ id }: ConformanceCase, { name }: Subject): Promise<void> {
  const script = fileURLToPath(new URL("./report_conformance.ts", import.meta.url));
  const child = Bun.spawn({
    cmd: [process.execPath, script, name, id],
    stdio: ["ignore", "ignore", "pipe"],
  });
  const errors = await new Response(child.stderr).text();
  assert.equal(await child.exited, 0, errors);
}
