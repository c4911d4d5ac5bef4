// Runs the conformance suite as tests of Deno.

import { conformanceCases, runCase } from "../testing/mod.ts";
import { subjects } from "./_conformance_subjects.ts";

for (const subject of subjects) {
  for (const conformanceCase of conformanceCases) {
    Deno.test({
      name: `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`,
      ignore: conformanceCase.applies(subject) !== true,
      fn: () => runCase(conformanceCase, subject),
    });
  }
}
