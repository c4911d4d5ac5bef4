// A large value that every call needs: shared, which crosses once, beside copied with each call.

import { measureWarm, NotApplicable, type Scenario } from "../scenario.ts";

export const share: Scenario = {
  name: "share",
  title:
    "A map of 50 000 entries as an argument, submit, await, repeat, 1 worker: shared, after the first call, and copied with each",
  metrics: { shared: "ms", copied: "ms" },
  kinds: ["us"],
  size: 20,
  quickSize: 10,
  goals: (["deno", "bun"] as const).map((runtime) => ({ runtime, metric: "shared", atMost: 3 })),
  measure: measureWarm({ workers: 1, task: "increment" }, async ({ lookUp }, size) => {
    if (lookUp === undefined) throw new NotApplicable("shares nothing");
    return { shared: await lookUp(size, true), copied: await lookUp(size, false) };
  }),
};
