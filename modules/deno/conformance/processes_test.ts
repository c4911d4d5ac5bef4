// The conformance suite on processes, as tests of Deno.

import { testConformance } from "./test_conformance.ts";

testConformance(({ processes }) => processes);
