// Workforce: what kind of workers an executor has: how one is started, and which of them gets a call.

import type { CrewMember, WorkerOwner } from "../handle/crew_member.ts";
import type { CallList, Work } from "../work/work.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Ledger } from "./ledger.ts";
import type { WorkQueue } from "./task_queue.ts";
import type { WaitInPlace } from "./wait_in_place.ts";

/** Those that an executor has. */
export interface Hired {
  /** The oldest first. */
  readonly workers: ReadonlySet<CrewMember>;
  /** How many there may be. */
  readonly maxWorkers: number;
}

/** Workers of one kind. */
export interface Workforce {
  /** Whether any worker of it may load any module. Default: as each says. */
  readonly loadsAll?: boolean;
  /**
   * Starts a worker; throws what the platform throws.
   *
   * @param wanted Tells the modules of all tasks that wait.
   * @param onLeft Told of each call that the worker had and has no more, where somebody wants to know.
   */
  hire(
    worker: WorkerIdentity,
    owner: WorkerOwner,
    wanted: () => Set<string>,
    onLeft: ((work: Work) => void) | undefined,
  ): CrewMember;
  /**
   * Starts what the worker of that identity will be when it is hired, as far as it is known that one may be needed; throws what
   * the platform throws. Where there is no such thing, a worker starts when it is hired.
   */
  prepare?(worker: WorkerIdentity, wanted: () => Set<string>): void;
  /** Ends what was prepared and not hired. */
  unprepare?(): void;
  /** Whether some of that is about to end. */
  readonly isEnding?: boolean;
  /**
   * Makes the rule by which its workers get calls.
   *
   * @param isAhead Whether calls may be sent ahead of their turn.
   * @param onTakenBack To be told when calls may have been taken back, other than in answer to what is asked here.
   */
  assign(
    queue: WorkQueue,
    crew: Hired,
    ledger: Ledger,
    isAhead: boolean,
    onTakenBack: () => void,
  ): Assignment;
  /** Waits for outcomes without letting go of the thread, where that can pay. */
  waitInPlace?(ledger: Ledger): WaitInPlace;
}

/** Which worker gets which calls, and how many. */
export interface Assignment {
  /** Whether a worker has to be left free for a call of its own; undefined as long as none has any (trays.ts). */
  keepsFrom: ((worker: CrewMember, work: Work) => boolean) | undefined;
  /** The work whose call is next. */
  next(): Work | undefined;
  /** The worker that gets it; undefined where none has room. */
  findWorker(work: Work): CrewMember | undefined;
  /** Whether a worker may be sent calls that are for it alone: never behind others. */
  finds(worker: CrewMember, work: Work): boolean;
  /** Takes back what was sent ahead of a work of higher priority, and has not begun; false if there is nothing. */
  overtake(work: Work): boolean;
  /**
   * Takes off a queue, whose front is `first`, what the worker that was found last may be sent together.
   *
   * @param queue Where it is taken from, where that is a tray: it passes over nothing that comes before it in the queue.
   * @param next The front of the queue then.
   */
  takeFor(worker: CrewMember, first: Work, queue?: WorkQueue, next?: Work): CallList;
  /** Whether a work that waits is worth one more worker. */
  needsMore(work: Work): boolean;
  /** To be called after calls were sent. */
  watch(): void;
  stop(): void;
}
