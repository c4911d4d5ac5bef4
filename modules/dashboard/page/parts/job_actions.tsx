// JobActions: what can be done to a job in its state: cancel, interrupt, and what an app brings for those that are settled.

import type { JobDetail, JobRow } from "../../contract.ts";
import { additions } from "../additions.ts";
import { cancelJob } from "../api.ts";
import { can } from "../live.ts";
import { isLocal, local } from "../local.ts";
import { attempt, say } from "../notices.ts";
import { Icon, type IconName } from "./icon.tsx";

/** A job, as far as its actions need it. */
export type ShownJob = Pick<JobRow, "id" | "number" | "kind" | "state" | "executor"> &
  Partial<Pick<JobDetail, "canRunAgain">>;

/** Small for a row, which has their words where there is room; or as buttons for a panel. */
export function JobActions({ job, named }: { job: ShownJob; named: boolean }) {
  const { id, number, state } = job;
  const active = state === "pending" || state === "running";
  const here = isLocal(job) ? local() : undefined;
  if (active ? !here && !can("cancel") : here) return null;
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
            if (here) return here.cancel(id);
            const { cancelled } = await cancelJob(id, interrupt);
            if (!cancelled) say(`Job ${number} could not be cancelled any more`);
          })
        }
      />
    );
  }
  const { jobActions: More } = additions();
  return More === undefined ? null : <More job={job} named={named} />;
}

export function Action({
  name,
  word,
  about,
  icon,
  named,
  onClick,
}: {
  name: string;
  /** Its name in a row. Default: the same. */
  word?: string;
  about: string;
  icon: IconName;
  named: boolean;
  onClick(): void;
}) {
  return (
    <button
      type="button"
      class={named ? "" : "small quiet-button"}
      aria-label={named ? undefined : about}
      title={about}
      onClick={(event) => {
        // In a row that opens the job when it is clicked.
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon name={icon} />
      {named ? name : <span class="action-word">{word ?? name}</span>}
    </button>
  );
}
