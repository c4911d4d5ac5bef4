// Runs the conformance suite as tests of Bun.

import { test } from "bun:test";
import { conformanceCases, runCase } from "../testing/mod.ts";
import { subjects } from "./_conformance_subjects.ts";

for (const subject of subjects) {
  for (const conformanceCase of conformanceCases) {
    test.skipIf(conformanceCase.applies(subject) !== true)(
      `${subject.name} [${conformanceCase.id}] ${conformanceCase.title}`,
      () => runCase(conformanceCase, subject),
    );
  }
}
