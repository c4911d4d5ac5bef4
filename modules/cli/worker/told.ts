// What the command and its workers tell each other of calls. Plain values: they cross to threads and processes.

import type { Parameter } from "../plan/parameters.ts";

/** What all calls of a run have in common. */
export interface CallPlan {
  /** The URL of the module. */
  readonly module: string;
  readonly export: string;
  readonly parameters: readonly Parameter[] | undefined;
  /** Whether the items are texts, which become what parameters are. */
  readonly isTyped: boolean;
  /** Whether strings are printed as JSON. */
  readonly json: boolean;
  /** Whether what calls print is shown at once. */
  readonly lineBuffer: boolean;
}

/** A text to be printed, or bytes; or that with more to say. Undefined is nothing to print. */
export type CallResult =
  | string
  | Uint8Array
  | undefined
  | {
      readonly text?: string | Uint8Array | undefined;
      readonly printed?: string;
      readonly failure?: { readonly reason: string; readonly detail: string | undefined };
    };

/** How some calls went, in order (texts may be `together`), and how many milliseconds they took. Those without a result have not begun. */
export interface CallResults {
  readonly results: readonly CallResult[] | string;
  readonly ms: number;
  /** Why no call can be made at all. */
  readonly unusable?: string;
}

/** What a call says while it runs: the detail of a progress report. */
export interface CallNews {
  readonly futures: "item" | "printed";
  /** Which call of its message says it, counted from 0. */
  readonly at: number;
  readonly text: string | Uint8Array;
}

/**
 * Cells of memory that a worker and the command both see: how many calls of a batch have begun, how many bytes of items were
 * sent, and how many of them are written.
 */
export const BEGUN = 0;
export const SENT = 1;
export const WRITTEN = 2;
export const CELLS = 3;

/** Where a process writes how many calls of a batch have begun: it sees no memory of the command's. */
export interface FileCell {
  readonly path: string;
  /** Bytes from the file's beginning. */
  readonly at: number;
}

/** What stands between texts that cross as one: to copy a thousand short ones, one by one, takes longer than to call a function with them. */
const BETWEEN = "\0";

/** Makes one text of several; undefined if some are none, or have in them what stands between. */
export function together(texts: readonly unknown[]): string | undefined {
  if (texts.length < 2) return undefined;
  for (const text of texts)
    if (typeof text !== "string" || text.includes(BETWEEN)) return undefined;
  return texts.join(BETWEEN);
}

/** Takes them apart again. */
export function apart(texts: string): string[] {
  return texts.split(BETWEEN);
}
