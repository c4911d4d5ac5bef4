// QueueStats: how a queue is doing, as far as a program that submits to it can tell.

import type { Percentiles } from "../../core/histogram.ts";

/** How a queue is doing. */
export interface QueueStats {
  /** Its depth: jobs that wait for an agent, whoever has submitted them. */
  readonly waiting: number;
  /** Jobs whose time has not come yet. */
  readonly delayed: number;
  /** Jobs that agents have. */
  readonly running: number;
  /** The agents that serve it. */
  readonly agents: number;
  /** How often a job was found without its agent, since this program listens. */
  readonly stalls: number;
  /**
   * Milliseconds for which this program's own jobs have waited since they were sent, their `delay` not counted; absent until
   * one has begun.
   */
  readonly waited?: Percentiles;
}
