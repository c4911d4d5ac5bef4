// CrewMember: one worker, as the scheduling sees it, whether it is behind a channel or a slot on this event loop.

import type { CancelledError, TimeoutError } from "../errors.ts";
import type { WorkerExit } from "../seam/channel.ts";
import type { Call, CallList, Place, Work } from "../work/work.ts";
import type { WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import type { LinkListener } from "./host_links.ts";
import type { ReportListener } from "./report_listener.ts";

/** What a worker reports to. */
export interface WorkerOwner extends ReportListener, LinkListener {
  /** A worker has had nothing for `idleTimeout`, and would like to be stopped; false if it is to stay. */
  mayRetire(): boolean;
  /** The place of one is another's from now on, as it is being killed, or may soon be, as it is doubtful. */
  onPlace(): void;
  /** The worker is gone. `begun` calls had begun, the last one ran; `waiting` ones had not. */
  onGone(worker: CrewMember, exit: WorkerExit, begun: Call[], waiting: Call[]): void;
}

/** A call that was not sent. */
export interface Unsent {
  readonly call: Call;
  /** What is wrong with it. Undefined where nothing is: it runs elsewhere, or later. */
  readonly fault?: { readonly error: unknown };
}

/** One worker. */
export interface CrewMember extends Place {
  readonly identity: WorkerIdentity;
  /** The calls it has, the one in front first. */
  readonly window: { readonly frontCall: Call | undefined; calls(): Iterable<Call> };
  /** Whether it takes calls now. */
  readonly ready: boolean;
  /** Whether it will. */
  readonly starting: boolean;
  /** Whether it takes calls, or will. */
  readonly serving: boolean;
  /** How it has ended; undefined while it has not. */
  readonly exit: WorkerExit | undefined;
  /** Whether it counts among the workers there may be. */
  readonly keepsPlace: boolean;
  /** Whether it does not answer and may have to be killed, so that another will be needed in its place. */
  readonly isDoubtful: boolean;
  /** Whether it has a call, or is still held by one that was given up. */
  readonly busy: boolean;
  /** Whether somebody waits for the call it runs. */
  readonly running: boolean;
  /** How many calls it has that somebody waits for: a call that is being ended is settled for its user. */
  readonly unsettled: number;
  /** What it does, for people. */
  readonly status: WorkerStatus;
  /** Whether it has ever been ready: one that has not failed to start. */
  readonly everReady: boolean;
  /** Whether it has ever told the outcome of a call. */
  readonly hasServed: boolean;
  /** Whether its end was asked for: it tells nothing about the executor's health. */
  readonly expected: boolean;
  /** Whether it is an actor's, and takes no calls of others. */
  isReserved: boolean;
  /** Whether it is not to be retired, whatever it has served, as somebody has a reason to want this one. */
  readonly isKept: boolean;
  /** Whether it has served its number of tasks, and only ends later than that because somebody keeps it. */
  readonly isSpent: boolean;
  /** Keeps it from being retired, until it is released as often. */
  keep(): void;
  release(): void;
  /** Whether it may load what a work's calls need. */
  canLoad(work: Work): boolean;
  /**
   * Sends calls, and empties the list.
   *
   * @returns The calls that were not sent, and why: a value, not a call back (invariant 4).
   */
  send(calls: CallList): readonly Unsent[];
  /** Takes back every call that waits behind the one in front, in order. */
  takeBackAll(): Call[];
  /** Takes back every call of a work that has not begun, in order. */
  takeBackOf(work: Work): Call[];
  /** Ends the call of a work that runs here, if one does: of those that have begun the last. */
  endOf(work: Work, reason: CancelledError | TimeoutError): void;
  /** Settles every call by `settle`, and ends the worker; one that runs a call learns `what` has become of the executor. */
  endAll(what: string, settle: (work: Work, index: number) => void): void;
  /** Asks it to exit, after what its finalizer is for, unless it is to end `atOnce`. */
  stop(atOnce?: boolean): void;
  /** Ends it now. What it has begun is lost with it. */
  terminate(): void;
  /** Ends one that is busy, now and without waiting for anything. */
  endUnheard(): void;
}
