// testConformance(): registers the conformance suite as tests of Deno.

import { conformanceCases, runCase, type Subject, type SubjectTraits } from "../../testing/mod.ts";
import { subjects } from "./subjects.ts";

/** Registers every case for the executors of some traits. Each kind of worker has a file, so that they can run side by side. */
export function testConformance(isMeant: (traits: SubjectTraits) => boolean): void {
  for (const subject of subjects.filter(({ traits }) => isMeant(traits))) testCases(subject);
}

/** Registers the cases for an executor whose id matches. Default: all. */
export function testCases(subject: Subject, ids = /^/): void {
  for (const conformanceCase of conformanceCases.filter(({ id }) => ids.test(id))) {
    const applies = conformanceCase.applies(subject);
    const name = `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`;
    Deno.test({
      name: applies === true ? name : `${name} (not applicable: ${applies})`,
      ignore: applies !== true,
      fn: () => runCase(conformanceCase, subject),
    });
  }
}
