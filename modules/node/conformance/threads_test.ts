// The conformance suite on threads, as tests of Node.

import { testConformance } from "./test_conformance.ts";

testConformance(({ isolated, processes }) => isolated && !processes);
