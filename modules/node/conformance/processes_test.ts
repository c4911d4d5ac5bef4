// The conformance suite on processes, as tests of Node.

import { testConformance } from "./test_conformance.ts";

testConformance(({ processes }) => processes);
