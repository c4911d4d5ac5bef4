// Intake: has a pool refuse new jobs, or take them again; what it has goes on. That it begins nothing is its pause.

import type { ExecutorView } from "../../../../modules/dashboard/contract.ts";
import { Icon } from "../../../../modules/dashboard/page/parts/icon.tsx";
import { useWanted } from "../../../../modules/dashboard/page/parts/use_wanted.ts";
import { setIntake } from "../api.ts";

export function Intake({ executor }: { executor: ExecutorView }) {
  const { name, intake: now } = executor;
  const [shown, want] = useWanted(now, (wanted) => setIntake(name, wanted));
  return (
    <button
      type="button"
      aria-pressed={shown === "paused"}
      onClick={() => want((intake) => (intake === "paused" ? "open" : "paused"))}
    >
      <Icon name={shown === "paused" ? "play" : "pause"} />
      {shown === "paused" ? "Take new jobs" : "Refuse new jobs"}
    </button>
  );
}
