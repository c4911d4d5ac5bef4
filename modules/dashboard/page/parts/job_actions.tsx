// JobActions: what can be done to a job in its state: cancel, interrupt, run again, run again with edits.

import type { JobDetail, JobRow } from "../../contract.ts";
import { cancelJob, runAgain } from "../api.ts";
import { can } from "../live.ts";
import { attempt, say } from "../notices.ts";
import { goTo, openPanel } from "../route.ts";
import { Icon } from "./icon.tsx";

type Job = Pick<JobRow, "id" | "number" | "kind" | "state"> &
  Partial<Pick<JobDetail, "canRunAgain">>;

/** As small squares for a row, or with their names for a panel. */
export function JobActions({ job, named }: { job: Job; named: boolean }) {
  const { id, number, kind, state } = job;
  const active = state === "pending" || state === "running";
  if (active && !can("cancel")) return null;
  if (active) {
    const interrupt = state === "running";
    const name = interrupt ? "Interrupt" : "Cancel";
    return (
      <Action
        name={name}
        about={`${name} job ${number}`}
        icon="stop"
        named={named}
        onClick={() =>
          attempt(async () => {
            const { cancelled } = await cancelJob(id, interrupt);
            if (!cancelled) say(`Job ${number} could not be cancelled any more`);
          })
        }
      />
    );
  }
  if (!can("submit") || job.canRunAgain === false) return null;
  return (
    <>
      <Action
        name="Run again"
        about={`Run job ${number} again`}
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
        about={`Run job ${number} again with edits`}
        icon="edit"
        named={named}
        onClick={() => goTo("submit", { kind, edit: id })}
      />
    </>
  );
}

function Action({
  name,
  about,
  icon,
  named,
  onClick,
}: {
  name: string;
  about: string;
  icon: "stop" | "again" | "edit";
  named: boolean;
  onClick(): void;
}) {
  return (
    <button
      type="button"
      class={named ? "" : "square quiet-button"}
      aria-label={named ? undefined : about}
      title={about}
      onClick={(event) => {
        // In a row that opens the job when it is clicked.
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon name={icon} />
      {named && name}
    </button>
  );
}
