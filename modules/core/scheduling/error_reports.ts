// ErrorReports: tells of errors that no future carries to `onError`, or prints them.

import { inContextOfNow } from "../async_context.ts";
import { reportRejection } from "../call_listener.ts";
import type { ErrorContext } from "../executor.ts";
import { printError } from "../print_error.ts";

/** The reports of one executor. */
export class ErrorReports {
  /** The executor's name. */
  readonly #name: string;
  /** `onError`, in the async context of whoever made the executor. */
  readonly #onError: ((report: [unknown, ErrorContext]) => unknown) | undefined;

  constructor(name: string, onError: ((error: unknown, about: ErrorContext) => void) | undefined) {
    this.#name = name;
    if (onError !== undefined)
      this.#onError = inContextOfNow((report: [unknown, ErrorContext]) => onError(...report));
  }

  report(error: unknown, about: ErrorContext): void {
    const tellOf = (failure: unknown) => {
      printError(`Uncaught error in onError of ${this.#name}:`, failure);
      this.#print(error, about);
    };
    try {
      if (this.#onError === undefined) this.#print(error, about);
      else reportRejection(this.#onError([error, about]), tellOf);
    } catch (failure) {
      tellOf(failure);
    }
  }

  #print(error: unknown, about: ErrorContext): void {
    const { kind, task, count, advice } = about;
    if (kind === "hint") {
      printError(`Hint of ${this.#name}:`, (error as Error).message);
      return;
    }
    const told = [
      kind,
      ...(task === undefined ? [] : [`task "${task}"`]),
      ...(count === undefined ? [] : [`${count} times`]),
      ...(advice === undefined ? [] : [advice]),
    ];
    printError(`Uncaught error in ${this.#name} (${told.join(", ")}):`, error);
  }
}
