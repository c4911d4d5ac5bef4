// The conformance suite on threads, as tests of Bun.

import { testConformance } from "./test_conformance.ts";

testConformance(({ isolated, processes }) => isolated && !processes);
