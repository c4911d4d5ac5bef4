// RunAgain: submits a whole run anew.

import type { RunView } from "../../../../modules/dashboard/contract.ts";
import { counted } from "../../../../modules/dashboard/page/format.ts";
import { can } from "../../../../modules/dashboard/page/live.ts";
import { attempt, say } from "../../../../modules/dashboard/page/notices.ts";
import { nameOf } from "../../../../modules/dashboard/page/run_words.ts";
import { runWholeAgain } from "../api.ts";

export function RunAgain({ run }: { run: RunView }) {
  if (!can("submit")) return null;
  return (
    <button
      type="button"
      class="link"
      aria-label={`Run again: ${nameOf(run)}`}
      onClick={() =>
        attempt(async () => {
          const { count } = await runWholeAgain(run.id);
          say(`Submitted ${counted(count, "job")} again`);
        })
      }
    >
      Run again
    </button>
  );
}
