// Subject: one executor on one runtime, as the conformance suite sees it.
import type { Executor, PoolOptions, Spawn } from "../../mod.ts";

/** What a subject's platform can do; decides which cases apply to it. */
export interface SubjectTraits {
  /** Tasks run in workers behind a channel, not by a direct call. */
  readonly workers: boolean;
  /** Arguments and results are copied by structured clone on their way. */
  readonly clones: boolean;
  /** Workers have a realm of their own: their modules' state is not the host's. */
  readonly isolated: boolean;
  /** A worker is an operating system process of its own. */
  readonly processes: boolean;
  /** The platform can stop a worker that never returns to its event loop. */
  readonly stopsBusyWorkers: boolean;
  /** A worker that exits by itself leaves a code. Default: true. */
  readonly exitCodes?: boolean;
  /** The executor starts, counts, names, watches and ends its workers itself. Default: true. */
  readonly ownsWorkers?: boolean;
  /** A running call and the program that waits for it talk to each other: streams, channels, locks. Default: true. */
  readonly links?: boolean;
  /** What waits is here: it is taken back, held and limited at once, and seen to begin. Default: true. */
  readonly ownsWaiting?: boolean;
  /** Tasks are of any module, also of one that was not named when the executor was made. Default: true. */
  readonly anyModule?: boolean;
  /** Values are read in the worker that is given them, with the classes that are registered there. Default: true. */
  readonly readsInWorkers?: boolean;
  /** Host and worker have memory in common, in which a call is seen to begin. Default: true. */
  readonly sharesMemory?: boolean;
  /** What a worker has finished is seen at once, even if the worker is killed in the next moment. Default: true. */
  readonly showsOutcomes?: boolean;
}

/** How a script of the subject's runtime is started, and what it imports to get the executor. */
export interface ScriptCommand {
  /** The executable. */
  readonly executable: string;
  /** Arguments before the script's path. */
  readonly flags: readonly string[];
  /** Address of the module that exports the executor's class. */
  readonly module: string;
  /** Name of the class there. */
  readonly executor: string;
}

/**
 * Describes one column of the conformance matrix.
 *
 * @example The in-process executor as a subject
 * ```ts
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import type { Subject } from "@concurrent/futures/testing";
 * import assert from "node:assert/strict";
 *
 * const subject: Subject = {
 *   name: "EventLoopExecutor",
 *   executorName: "EventLoopExecutor",
 *   traits: { workers: false, clones: false, isolated: false, processes: false, stopsBusyWorkers: false },
 *   create: (options) => new EventLoopExecutor(options),
 * };
 * assert.equal(subject.create({ maxWorkers: 1 }).stats().workers, 0);
 * ```
 */
export interface Subject {
  /** The column's title, for example `"ThreadPoolExecutor on Deno"`. */
  readonly name: string;
  /** The class's name, from which default worker names are made. */
  readonly executorName: string;
  /** What the platform can do. */
  readonly traits: SubjectTraits;
  /** Makes an executor; the suite ends it. */
  create(options?: PoolOptions): Executor;
  /** The backend itself; absent where there are no workers. The seam's own cases need it. */
  readonly spawn?: Spawn;
  /** Absent where the executor is no part of any program, as the fake channel. */
  readonly script?: ScriptCommand;
}
