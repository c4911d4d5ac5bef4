// What a runner needs of map and run: a way to start jobs, and to hear how they ended.

import type { Job } from "../input/item.ts";
import type { JobOutput } from "../output/output.ts";

/** A job that runs. */
export interface Running {
  readonly job: Job;
  readonly output: JobOutput;
  /** The least number, from 1, that no job has that runs at the same time: `{%}` of a command. */
  slot: number;
  /** By `performance.now()`. */
  startedAt: number;
  /** How often it was tried before. */
  readonly attempt: number;
}

/** Why a job failed, for people. */
export interface Failure {
  readonly reason: string;
  /** Where in the user's code, or the last that the command said. */
  readonly detail?: string | undefined;
}

/** How a job ended. */
export interface Ending {
  readonly state: "done" | "failed" | "cancelled";
  readonly exitCode: number;
  readonly signal: number;
  readonly failure?: Failure | undefined;
  /** What it said on the side: goes to standard error. */
  readonly printed?: string | Uint8Array | undefined;
  /** Milliseconds it took, where that is known better than from outside. */
  readonly ms?: number;
}

/** Every job that went well and said nothing. */
export const DONE: Ending = { state: "done", exitCode: 0, signal: 0 };

/** A job that was ended because nobody wants it any more. */
export const CANCELLED: Ending = { state: "cancelled", exitCode: 0, signal: 15 };

/** Starts jobs. */
export interface Launcher {
  /** How many jobs the next launch may have, and how many launches may run at once. */
  room(): { readonly together: number; readonly launches: number };
  /**
   * Runs jobs, one after the other, and never rejects but for what makes the whole run impossible.
   *
   * @param signal Aborts when they are to end now.
   * @returns How they ended, in order; those without an ending have not begun.
   */
  launch(jobs: readonly Running[], signal: AbortSignal): Promise<readonly Ending[]>;
  /** What the joblog calls a job. */
  commandOf(job: Job): string;
  /** Ends all jobs without asking; returns at once, for the command is about to exit. */
  kill(): void;
  /** Lets go of everything; nothing it started runs on. */
  close(): Promise<void>;
}
