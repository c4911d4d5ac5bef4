// Reports the conformance matrix of Bun, one line of JSON per case; given a subject and a case, runs only that.

import { conformanceCases, reportConformance, runCase } from "../../testing/mod.ts";
import { subjects } from "./subjects.ts";

const [subjectName, caseId] = process.argv.slice(2);
if (subjectName === undefined) {
  await reportConformance(subjects);
} else {
  const subject = subjects.find(({ name }) => name === subjectName);
  const conformanceCase = conformanceCases.find(({ id }) => id === caseId);
  if (subject === undefined || conformanceCase === undefined)
    throw new RangeError(`Cannot run case: no "${caseId}" of "${subjectName}"`);
  await runCase(conformanceCase, subject);
}
