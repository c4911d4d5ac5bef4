// Reports the fault suite of Node, one line of JSON per fault and executor.

import { reportFaults } from "../testing/mod.ts";
import { subjects } from "./_conformance_subjects.ts";

await reportFaults(subjects);
