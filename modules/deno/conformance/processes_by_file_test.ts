// What of the conformance suite claims, rings, bulk and links have to do with, on processes that read and write their memory:
// all the others are tested where it is mapped. Node's processes, which cannot map it, pass the whole suite.

import { processesByFile } from "./subjects.ts";
import { testCases } from "./test_conformance.ts";

testCases(
  processesByFile,
  /^(seam|cf-(race|long|cancel|interrupt|flood|stream-(?!.*(timeout|grace))|channel-(?!timeout)|sync-(exclusion|order|abandoned|interrupt)))/,
);
