// RETRY: runs all failed and cancelled jobs of a list again.

import type { BulkAction } from "../../../modules/dashboard/page/additions.ts";
import { count, counted } from "../../../modules/dashboard/page/format.ts";
import { runManyAgain } from "./api.ts";

export const RETRY: BulkAction = {
  needs: "submit",
  states: ["failed", "cancelled"],
  icon: "again",
  name: "Retry",
  title: (jobs) => `Run ${jobs} again`,
  about: (n, which) =>
    `${n} failed and cancelled jobs ${which}. Each is submitted anew with its own arguments.`,
  isFinal: false,
  async act(filter) {
    const done = await runManyAgain(filter);
    const skipped = done.skipped > 0 ? `, ${count(done.skipped)} could not be` : "";
    return `Submitted ${counted(done.submitted, "job")} again${skipped}`;
  },
};
