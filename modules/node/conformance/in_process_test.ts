// The conformance suite in the host itself, as tests of Node.

import { testConformance } from "./test_conformance.ts";

testConformance(({ isolated }) => !isolated);
