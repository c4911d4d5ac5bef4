// Reports the fault suite of Deno, one line of JSON per fault and executor.

import { reportFaults } from "../../proofs/faults/run_faults.ts";
import { subjects } from "./subjects.ts";

await reportFaults(subjects);
