// Work: what the scheduler queues — a task with one set of arguments (submit) or many (map).

import type { CallersContext } from "../async_context.ts";
import type { CancelledError, TimeoutError } from "../errors.ts";
import type { Future } from "../future.ts";
import type { Key } from "../key.ts";
import type { TaskOptions, TaskSource, Transferred } from "../task.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";

/**
 * A task with the arguments of one or more calls, known to the scheduler by their index.
 *
 * Invariant 1: a call is in exactly one place: waiting here (`waiting`, `take`, `giveBack`), in one worker's window
 * (`sent`), pausing (`rest`), or settled.
 */
export interface Work {
  readonly terms: Terms;
  /** The work that its user knows: itself, unless it is a part of that. */
  readonly whole: Work;
  /** Higher is handed out first. */
  readonly priority: number;
  /** Whose limit its calls come under, where the executor has one for each key. */
  readonly key: Key | undefined;
  /** Where the calls of that key wait; kept by the queue that has keys. */
  lane?: object | undefined;
  /** The future of its only call; elements of a `map` have none. */
  readonly future?: Future<unknown>;
  /** What goes with its calls behind their arguments, where somebody follows them. */
  readonly trace?: string | undefined;
  /** Calls per message, where the user has fixed it. */
  readonly chunkSize: number | undefined;

  /** The context in which its calls are made, where that is on the caller's own event loop. */
  readonly context: CallersContext | undefined;

  /** Its place among works of equal priority: the id of the first of its calls that wait. */
  readonly order: number;
  /** Whether the queue holds it; kept by the queue. */
  queued: boolean;
  /** How many calls wait to be handed out. */
  readonly waiting: number;
  /** Hands out the next call that waits. */
  take(): number;
  /** Takes a call back that has not begun, or that shall be run again; it waits in its old place. */
  giveBack(index: number): void;

  id(index: number): number;
  /** Adds the call's arguments to `list` and tells how many they are. */
  pushArgs(index: number, list: unknown[]): number;
  /** The same of what its worker is given: behind the arguments comes what goes with a call that is followed. */
  pushCall(index: number, list: unknown[]): number;
  /** What its worker is given as a list that must not be changed, where there is one already. */
  listOf?(index: number): readonly unknown[] | undefined;
  transfer(index: number): Transferred[] | undefined;

  /** The call is at `place` now, under the number `seq`. */
  sent(index: number, place: Place, seq: number): void;
  /** The call has begun. Said again for one that is run again, and harmless when said twice. */
  started(index: number, worker: WorkerIdentity): void;
  progressed(index: number, progress: Progress): void;
  /** The call hands out items from now on. Only a stream has any. */
  opened?(index: number, link: ItemLink): ItemEar;
  /** Whether nobody waits for the outcome any more. */
  isSettled(index: number): boolean;
  succeed(index: number, value: unknown): void;
  /** The call has failed, for good. */
  fail(index: number, error: unknown): void;
  /** The call has thrown in its worker, and left its window: it has failed, unless it is to be run again. */
  threw(index: number, error: unknown): void;
  /**
   * The call is being ended, because of `error`: it has failed, at once, or when its code has ended if it may be run again,
   * lest it runs twice at once.
   */
  giveUp(index: number, error: unknown): void;
  /** Why a call that has not failed yet is being ended. */
  verdictOf(index: number): Verdict | undefined;
  /** The code of a call that was settled before has ended with its worker. Only of a stream somebody waits for that. */
  ended?(): void;
  /** Cancels one call without asking whether it runs: its worker is being ended. */
  cancel(index: number): void;
  /** Cancels every call that waits. */
  cancelWaiting(): void;
  /** Fails every call that waits; `error` makes one error for each. */
  failWaiting(error: () => unknown): void;
  /** How often a call has failed that was run again; undefined where it must not be. */
  failuresOf(index: number): number | undefined;
  /** The call pauses from now on (pausing_calls.ts), in no window any more: before its first run, or because it is run again. */
  rest(index: number, isAgain: boolean): void;
}

/** Why a call is being ended. */
export interface Verdict {
  readonly error: unknown;
}

/** The work's end of the link over which a running call hands out items. */
export interface ItemLink {
  /** Lets the call make items for so much more. */
  grant(cost: number): void;
}

/** What is told of it. Nothing of this throws. */
export interface ItemEar {
  /** Items have come; those that could not be sent are in `errors`, by their place. `cost` is to be granted again. */
  took(items: readonly unknown[], errors: ReadonlyMap<number, unknown>, cost: number): void;
  /** Nothing more comes: the call has ended, or its worker is gone. */
  ended(): void;
}

/** One call of a work. */
export interface Call {
  readonly work: Work;
  readonly index: number;
}

/** Calls on their way to a worker: a list that is made once and filled again and again. */
export class CallList {
  readonly works: (Work | undefined)[] = [];
  readonly indexes: number[] = [];
  length = 0;

  add(work: Work, index: number): void {
    this.works[this.length] = work;
    this.indexes[this.length++] = index;
  }

  /** Lets go of all. */
  clear(): void {
    // Written out: mostly there are one or two.
    for (let at = 0; at < this.length; at++) this.works[at] = undefined;
    this.length = 0;
  }
}

/** Where calls are that wait or run no longer here: the window of one worker, or what another engine has instead. */
export interface Place {
  readonly identity: WorkerIdentity;
  /** Takes a call back that has not begun; false if it has, undefined if that is not known here. */
  takeBack(seq: number): boolean | undefined;
  /** Whether a call has begun. */
  hasBegun(seq: number): boolean;
  /** Ends a call that has begun, and whoever runs it if that does not help. Its future is settled already. */
  end(seq: number, reason: CancelledError | TimeoutError): void;
}

/** A function by its name, with options: a `Task`, or what the event loop's executor makes of a plain function. */
export interface NamedTask {
  readonly source: TaskSource;
  readonly options: Readonly<TaskOptions<never[]>>;
}

/** Where among a task's options its layers are. No user's option is called so. */
export const LAYERS: unique symbol = Symbol.for("@concurrent/futures/layers/1");

/** What all calls of one task with the same options have in common: one object, however many calls there are. */
export class Terms {
  readonly source: TaskSource;
  readonly options: Readonly<TaskOptions<never[]>>;
  readonly profile: Profile;
  /** The display name. */
  readonly name: string;
  readonly priority: number;
  readonly timeout: number | undefined;
  /**
   * They never share a worker's window: they have a clock of their own, their arguments cannot be sent twice, or they go on
   * for as long as somebody reads.
   */
  readonly alone: boolean;
  /** What its calls pass before they are queued (layers.ts); nearly none has any. */
  readonly layers: object | undefined;

  constructor(source: TaskSource, options: Readonly<TaskOptions<never[]>>, profile: Profile) {
    this.source = source;
    this.options = options;
    this.profile = profile;
    this.name = options.name ?? source.export;
    this.priority = options.priority ?? 0;
    this.timeout = options.timeout;
    this.alone =
      options.timeout !== undefined ||
      options.transfer !== undefined ||
      source.stream !== undefined ||
      source.does === "new";
    this.layers = (options as { readonly [LAYERS]?: object })[LAYERS];
  }

  /** What is to be moved of a call's arguments. */
  transferOf(args: () => unknown[]): Transferred[] | undefined {
    const { transfer } = this.options;
    return typeof transfer === "function" ? transfer(...(args() as never[])) : transfer;
  }
}

/** How long the calls of a task take: what decides how many are sent ahead. */
export class Profile {
  /** Milliseconds, a moving average; undefined while no call has come back. */
  mean: number | undefined = undefined;
  /** How many calls in a row have shown it: a little evidence is trusted a little. */
  trust = 0;

  /** Takes in that `count` calls took `mean` milliseconds each. */
  learn(mean: number, count: number): void {
    this.trust += count;
    // Slower is believed at once, faster by as many calls as have shown it: a wrong guess that a task is short makes others
    // wait behind it, and one that it is long, as of a worker that had lost its processor, has each of them travel alone.
    this.mean =
      this.mean === undefined || mean > this.mean
        ? mean
        : mean + (this.mean - mean) * 0.75 ** count;
  }

  /** A worker died with calls of this task: for a while they travel alone, so that another death costs one call. */
  distrust(): void {
    this.trust = -1000;
  }
}
