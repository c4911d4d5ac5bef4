// OneEach: each worker has one call at a time, and the oldest of those that have none gets the next. The rule where nothing can be
// sent ahead, and nothing need be: a call is here as soon as it is wanted.

import type { CrewMember } from "../handle/crew_member.ts";
import { CallList, type Work } from "../work/work.ts";
import type { WorkQueue } from "./task_queue.ts";
import type { Assignment } from "./workforce.ts";

/** The rule for one executor's workers. */
export class OneEach implements Assignment {
  readonly #queue: WorkQueue;
  /** Those that have nothing, the oldest first, and some that had nothing before: to look at all takes longer than a call. */
  readonly #free: CrewMember[];
  keepsFrom: ((worker: CrewMember, work: Work) => boolean) | undefined = undefined;
  /** What is sent next: filled anew each time. */
  readonly #calls = new CallList();

  /** @param free Where workers are noted that have nothing (`noteFree`). */
  constructor(queue: WorkQueue, free: CrewMember[]) {
    this.#queue = queue;
    this.#free = free;
  }

  next(): Work | undefined {
    return this.#queue.front();
  }

  findWorker(work: Work): CrewMember | undefined {
    const free = this.#free;
    for (let at = 0; at < free.length; ) {
      const worker = free[at] as CrewMember;
      if (!worker.ready || worker.busy) free.splice(at, 1);
      else if (this.keepsFrom?.(worker, work) === true) at++;
      else return worker;
    }
    return undefined;
  }

  readonly finds = (worker: CrewMember): boolean => worker.ready && !worker.busy;

  overtake(): boolean {
    return false;
  }

  needsMore(): boolean {
    return true;
  }

  takeFor(_worker: CrewMember, first: Work, queue: WorkQueue = this.#queue): CallList {
    this.#calls.add(first, first.take());
    queue.took?.();
    return this.#calls;
  }

  watch(): void {}

  stop(): void {}
}

/** Notes that a worker has nothing, or is no more. */
export function noteFree(free: CrewMember[], worker: CrewMember): void {
  const known = free.indexOf(worker);
  if (!worker.ready) {
    if (known >= 0) free.splice(known, 1);
    return;
  }
  if (known >= 0) return;
  let at = free.length;
  while (at > 0 && (free[at - 1] as CrewMember).identity.id > worker.identity.id) at--;
  if (at === free.length) free.push(worker);
  else free.splice(at, 0, worker);
}
