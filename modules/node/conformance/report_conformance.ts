// Reports the conformance matrix of Node, one line of JSON per case.

import { reportConformance } from "../../testing/mod.ts";
import { subjects } from "./subjects.ts";

await reportConformance(subjects);
