// Reports what becomes of each kind of value on Deno, one line of JSON per kind and executor.

import { reportValues } from "../../proofs/value_reports.ts";
import { subjects } from "./subjects.ts";

await reportValues(subjects.filter(({ executorName }) => executorName !== "PoolExecutor"));
