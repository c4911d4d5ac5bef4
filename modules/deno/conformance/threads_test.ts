// The conformance suite on threads, as tests of Deno.

import { testConformance } from "./test_conformance.ts";

testConformance(({ isolated, processes }) => isolated && !processes);
