// What the page and its sandbox say to each other. The page makes no more of it than of any stranger's words: data, to show.

import type { ErrorView, JobState, OutputLine } from "../../../../modules/dashboard/contract.ts";

/** What a sandbox begins with; the port of their conversation comes with it. */
export interface SandboxStart {
  /** The texts of modules: the worker's entry, the one task it runs, and what is to be called. */
  readonly worker: string;
  readonly runner: string;
  readonly module: string;
}

/** A call to make in this page. */
export interface Call {
  /** The export of the module. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** Timeout, priority, retries: those that are set. */
  readonly options: Readonly<Record<string, number | undefined>>;
}

/** Told to a sandbox. Calls are known by their places. */
export type ToSandbox =
  | { readonly what: "submit"; readonly calls: readonly Call[] }
  // All of them, or one.
  | { readonly what: "cancel"; readonly job?: number | undefined };

/** Told by a sandbox. Times are milliseconds since 1970. */
export type FromSandbox =
  | { readonly what: "ready"; readonly maxWorkers: number }
  | {
      readonly what: "started";
      readonly job: number;
      readonly at: number;
      readonly worker: { readonly id: number; readonly name: string };
    }
  | {
      readonly what: "worker";
      /** Whether it began, or ended. */
      readonly lives: boolean;
      readonly at: number;
      readonly worker: { readonly id: number; readonly name: string };
    }
  | { readonly what: "progress"; readonly job: number; readonly fraction: number }
  | { readonly what: "printed"; readonly job: number; readonly lines: readonly OutputLine[] }
  // Apart from the end, which must be known of a job whose result cannot leave the sandbox, too.
  | { readonly what: "result"; readonly job: number; readonly value: unknown }
  | {
      readonly what: "settled";
      readonly job: number;
      readonly at: number;
      readonly state: Extract<JobState, "finished" | "failed" | "cancelled">;
      readonly error: ErrorView | undefined;
    };
