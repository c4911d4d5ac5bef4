// The conformance suite in the host itself and on the fake channel, as tests of Bun.

import { testConformance } from "./test_conformance.ts";

testConformance(({ isolated }) => !isolated);
