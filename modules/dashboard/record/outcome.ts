// How a job ended: from what an executor says, to the states and reasons that people see.

import { type Outcome, RemoteTraceback, TimeoutError, WorkerLostError } from "@concurrent/futures";
import type { Reason } from "../contract.ts";

/** Says why a job failed, where that is not an error its task threw. */
export function reasonOf(outcome: Outcome, error: unknown): Reason | null {
  if (outcome !== "failed") return null;
  if (error instanceof WorkerLostError) return "worker-lost";
  // One with a stack in a worker was thrown by the task itself.
  if (error instanceof TimeoutError && !cameFromWorker(error)) return "timed-out";
  return null;
}

function cameFromWorker(error: Error): boolean {
  let last = error;
  while (last.cause instanceof Error && last.cause !== error) last = last.cause;
  return last instanceof RemoteTraceback;
}
