// StalledLooks: looks for jobs whose agent is gone, in BullMQ's place. Who is late itself judges nobody: where a machine is too
// busy, or was frozen, the others on it are as late with their locks, and first get the time to extend them.

import type { Worker } from "bullmq";
import type { Redis } from "ioredis";

/** So many looks in a row are left out at most: on a machine that is always late the dead are to be found, too. */
const MOST_LEFT_OUT = 5;

/** How it looks. */
export interface Looks {
  /** Milliseconds between two looks. */
  readonly every: number;
  /** Milliseconds after its time when a look is late. */
  readonly late: number;
  readonly failed: (error: unknown) => void;
}

/** Looks until the worker is paused or closed, which serves with this client. */
export function lookForStalled(
  worker: Worker,
  client: Redis,
  { every, late, failed }: Looks,
): void {
  // The wall clock: the other one stands still while a machine is suspended, and locks run out.
  let due = Date.now();
  let leftOut = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const look = async () => {
    const isLate = Date.now() - due > late || client.status !== "ready";
    leftOut = isLate && leftOut < MOST_LEFT_OUT ? leftOut + 1 : 0;
    if (leftOut === 0) await worker.backend.moveStalledJobsToWait().catch(failed);
    if (isOver) return;
    due = Date.now() + every;
    timer = setTimeout(look, every);
  };
  const end = () => {
    isOver = true;
    clearTimeout(timer);
  };
  worker.once("paused", end);
  worker.once("closing", end);
  void look();
}
