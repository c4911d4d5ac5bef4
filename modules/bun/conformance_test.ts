// Runs the conformance suite as tests of Bun.

import { test } from "bun:test";
import { conformanceCases, runCase } from "../testing/mod.ts";
import { subjects } from "./_conformance_subjects.ts";

for (const subject of subjects) {
  for (const conformanceCase of conformanceCases) {
    const applies = conformanceCase.applies(subject);
    const name = `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`;
    test.skipIf(applies !== true)(
      applies === true ? name : `${name} (not applicable: ${applies})`,
      () => runCase(conformanceCase, subject),
    );
  }
}
