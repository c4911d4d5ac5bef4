// AgainActions: what can be done to a settled job that was submitted here: run it again, as it was or with edits.

import { can } from "../../../../modules/dashboard/page/live.ts";
import { attempt, say } from "../../../../modules/dashboard/page/notices.ts";
import { Action, type ShownJob } from "../../../../modules/dashboard/page/parts/job_actions.tsx";
import { goTo, openPanel } from "../../../../modules/dashboard/page/route.ts";
import { runAgain } from "../api.ts";
import { kindOf } from "../catalogue.ts";

export function AgainActions({ job, named }: { job: ShownJob; named: boolean }) {
  const { id, number, kind } = job;
  // What was typed is no kind: its run runs again as a whole.
  if (!can("submit") || job.canRunAgain === false || kindOf(kind) === undefined) return null;
  return (
    <>
      <Action
        name="Run again"
        about={`Run again, job ${number}`}
        icon="again"
        named={named}
        onClick={() =>
          attempt(async () => {
            const { jobs } = await runAgain(id);
            const [next] = jobs;
            if (next === undefined) return;
            say(`Job ${number} runs again, as job ${next.number}`);
            if (named) openPanel(next.id);
          })
        }
      />
      <Action
        name="Edit and run again"
        word="Edit"
        about={`Edit and run again, job ${number}`}
        icon="edit"
        named={named}
        onClick={() => goTo("submit", { kind, edit: id })}
      />
    </>
  );
}
