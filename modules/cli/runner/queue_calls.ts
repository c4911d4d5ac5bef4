// Calls an exported function on agents of a queue: each job is a job there, of the function itself. They know its module by name.

import type { Task } from "../../core/task.ts";
import { type Job, labelOf } from "../input/item.ts";
import { argumentsOf } from "../plan/typed_arguments.ts";
import type { Submitter } from "../queue.ts";
import { textOf } from "../worker/text_of.ts";
import type { CallPlan } from "../worker/told.ts";
import { CANCELLED, DONE, type Ending, type Launcher, type Running } from "./launcher.ts";

/** How functions are called. */
export interface QueueCallOptions {
  readonly executor: Submitter;
  readonly task: Task<unknown[], unknown>;
  readonly plan: CallPlan;
  /** How many are handed in and not done. */
  readonly jobs: number;
  /** What people call the function: the module as they wrote it. */
  readonly name: string;
}

/** Hands calls in. */
export class QueueCalls implements Launcher {
  readonly #options: QueueCallOptions;

  constructor(options: QueueCallOptions) {
    this.#options = options;
  }

  room(): { together: number; launches: number } {
    return { together: 1, launches: this.#options.jobs };
  }

  async launch([running]: readonly Running[], signal: AbortSignal): Promise<readonly Ending[]> {
    const { job, output } = running as Running;
    if (signal.aborted) return [CANCELLED];
    const { executor, task, plan } = this.#options;
    let end: (() => void) | undefined;
    try {
      const future = executor.submit(task, ...argumentsOf(job.item, plan.parameters, plan.isTyped));
      end = () => future.cancel({ interrupt: true });
      signal.addEventListener("abort", end, { once: true });
      const text = textOf(await future, plan.json);
      if (text !== undefined) output.add(text);
      return [DONE];
    } catch (error) {
      // The server refuses us: it would every job.
      if ((error as Partial<Error>)?.name === "BrokenExecutorError") throw error;
      return [signal.aborted ? CANCELLED : failedBy(error, plan.module)];
    } finally {
      if (end !== undefined) signal.removeEventListener("abort", end);
    }
  }

  commandOf({ item }: Job): string {
    return `${this.#options.name} ${labelOf(item)}`;
  }

  /** What agents were given they run: there is no time to tell them. */
  kill(): void {}

  async close(): Promise<void> {
    await this.#options.executor.terminateWorkers();
  }
}

function failedBy(error: unknown, module: string): Ending {
  const isError = error instanceof Error;
  const reason = isError ? `${error.name}: ${error.message}` : `threw ${String(error)}`;
  const detail = isError ? placeOf(error.stack ?? "", module) : undefined;
  const exitCode = isError && error.name === "TimeoutError" ? 124 : 1;
  return { state: "failed", exitCode, signal: 0, failure: { reason, detail } };
}

/** The first line of a stack that is in a file of the module's name: on its agent it lies elsewhere. */
function placeOf(stack: string, module: string): string | undefined {
  const file = decodeURIComponent(module.slice(module.lastIndexOf("/") + 1));
  const places = stack.matchAll(/([^\s():/]+):(\d+):(\d+)/g);
  for (const [place, name = ""] of places) if (decodeURIComponent(name) === file) return place;
  return undefined;
}
