// The conformance suite on processes, as tests of Bun.

import { testConformance } from "./test_conformance.ts";

testConformance(({ processes }) => processes);
