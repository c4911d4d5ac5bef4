// Reports the conformance matrix of Deno, one line of JSON per case.

import { reportConformance } from "../../testing/mod.ts";
import { subjects } from "./subjects.ts";

await reportConformance(subjects);
