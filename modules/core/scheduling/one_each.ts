// OneEach: each worker has one call at a time, and the first of those that have none gets the next. The rule where nothing can be
// sent ahead, and nothing need be: a call is here as soon as it is wanted.

import type { CrewMember } from "../handle/crew_member.ts";
import { CallList, type Work } from "../work/work.ts";
import type { WorkQueue } from "./task_queue.ts";
import type { Assignment, Hired } from "./workforce.ts";

/** The rule for one executor's workers. */
export class OneEach implements Assignment {
  readonly #queue: WorkQueue;
  readonly #crew: Hired;
  keepsFrom: ((worker: CrewMember, work: Work) => boolean) | undefined = undefined;
  /** What is sent next: filled anew each time. */
  readonly #calls = new CallList();

  constructor(queue: WorkQueue, crew: Hired) {
    this.#queue = queue;
    this.#crew = crew;
  }

  next(): Work | undefined {
    return this.#queue.front();
  }

  findWorker(work: Work): CrewMember | undefined {
    for (const worker of this.#crew.workers)
      if (worker.ready && !worker.busy && this.keepsFrom?.(worker, work) !== true) return worker;
    return undefined;
  }

  readonly finds = (worker: CrewMember): boolean => worker.ready && !worker.busy;

  overtake(): boolean {
    return false;
  }

  takeFor(_worker: CrewMember, first: Work, queue: WorkQueue = this.#queue): CallList {
    this.#calls.add(first, first.take());
    queue.took?.();
    return this.#calls;
  }

  watch(): void {}

  stop(): void {}
}
