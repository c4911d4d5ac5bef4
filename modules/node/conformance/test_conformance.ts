// testConformance(): registers the conformance suite as tests of Node.

import { test } from "node:test";
import {
  type ConformanceCase,
  conformanceCases,
  runCase,
  type Subject,
  type SubjectTraits,
} from "../../testing/mod.ts";
import { subjects } from "./subjects.ts";

/** What concerns a process as such: how it is linked, how it ends, what it takes along. */
const OF_PROCESSES =
  /^(seam-|cf-(console|crash|death|exit|interrupt|terminate|worker|memory|signal|start|print)|py-(3\d|41|9\d|1[0-3]\d)$)/;

/** Registers every case for the executors of some traits. Each kind of worker has a file, so that they can run side by side. */
export function testConformance(isMeant: (traits: SubjectTraits) => boolean): void {
  for (const subject of subjects.filter(({ traits }) => isMeant(traits))) {
    for (const conformanceCase of conformanceCases) {
      const applies = appliesHere(conformanceCase, subject);
      const name = `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`;
      const skip = applies === true ? false : `not applicable: ${applies}`;
      test(name, { skip }, () => runCase(conformanceCase, subject));
    }
  }
}

/** Starting a process for each case takes its time, and Deno's are linked by the same code. */
function appliesHere(conformanceCase: ConformanceCase, subject: Subject): true | string {
  const applies = conformanceCase.applies(subject);
  if (applies !== true || !subject.traits.processes || OF_PROCESSES.test(conformanceCase.id))
    return applies;
  return "run by `deno task conformance`; the same code is proved by the tests of Deno";
}
