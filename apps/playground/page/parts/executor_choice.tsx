// ExecutorChoice: which executor something is for, with what each of them is and does now.

import type { ExecutorView } from "../../../../modules/dashboard/contract.ts";
import { connection } from "../../../../modules/dashboard/page/connection.ts";
import { count } from "../../../../modules/dashboard/page/format.ts";
import { executors } from "../../../../modules/dashboard/page/live.ts";
import { workersHere } from "../here/jobs_here.ts";
import { HERE } from "../here/kinds_here.ts";
import { Choice, type Place } from "./choice.tsx";

export function ExecutorChoice({
  label,
  value,
  allowed,
  whyNot,
  whyNotHere,
  onChoose,
}: {
  label: string;
  value: string | undefined;
  /** Where it may run. */
  allowed: readonly string[];
  /** What to say of the others. */
  whyNot: string;
  /** Why this page itself cannot run it; not given, where only the server's executors are to choose from. */
  whyNotHere?: string | null;
  onChoose(name: string): void;
}) {
  const places: Place[] = executors.value.map((executor) => {
    const possible = allowed.includes(executor.name);
    return { name: executor.name, possible, about: possible ? standing(executor) : whyNot };
  });
  if (whyNotHere !== undefined) {
    const about = whyNotHere ?? standingHere();
    places.push({ name: HERE, possible: whyNotHere === null, about });
  }
  return <Choice label={label} places={places} value={value} onChoose={onChoose} />;
}

function standing({ type, stats, maxWorkers, intake }: ExecutorView): string {
  if (intake === "paused") return "refuses new jobs";
  if (connection.value === "lost") return `${type}, not heard at the moment`;
  return `${type}, ${count(stats.busy)} of ${count(maxWorkers ?? stats.workers)} busy`;
}

function standingHere(): string {
  const workers = workersHere.value === undefined ? "" : `, ${count(workersHere.value)} workers`;
  return `ThreadPoolExecutor in this page${workers}`;
}
