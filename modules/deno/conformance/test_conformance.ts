// Runs the conformance suite as tests of Deno.

import { conformanceCases, runCase } from "../testing/mod.ts";
import { subjects } from "./conformance/subjects.ts";

for (const subject of subjects) {
  for (const conformanceCase of conformanceCases) {
    const applies = conformanceCase.applies(subject);
    const name = `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`;
    Deno.test({
      name: applies === true ? name : `${name} (not applicable: ${applies})`,
      ignore: applies !== true,
      fn: () => runCase(conformanceCase, subject),
    });
  }
}
