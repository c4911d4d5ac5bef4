// What a process of any backend leaves to its host's side: the end of one, and what is moved to one.

import type { WorkerExit } from "../core/channel.ts";
import type { Transferred } from "../core/task.ts";

/** Exit and end of the link come in either order; this many milliseconds after the exit the link is not waited for. */
const LAST_MESSAGES_MS = 50;

/** Brings the two ends of a process together: its exit, and the end of the link to it. */
export class ProcessEnd {
  readonly #report: (exit: WorkerExit) => void;
  #exit: WorkerExit | undefined = undefined;
  #linked = true;
  #reported = false;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  /** @param report is called once, when nothing more can come. */
  constructor(report: (exit: WorkerExit) => void) {
    this.#report = report;
  }

  /** Whether the process is gone. */
  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Whether the end was reported: what comes now comes too late. */
  get isOver(): boolean {
    return this.#reported;
  }

  /** The process is gone. */
  exited(exit: WorkerExit): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    // A grandchild may hold the link open for ever: the exit decides, the link only gets its chance.
    if (this.#linked) this.#timer = setTimeout(() => this.#over(), LAST_MESSAGES_MS);
    else this.#over();
  }

  /** Nothing more comes by the link. */
  unlinked(): void {
    this.#linked = false;
    this.#over();
  }

  #over(): void {
    if (this.#reported || this.#exit === undefined) return;
    this.#reported = true;
    clearTimeout(this.#timer);
    this.#report(this.#exit);
  }
}

/** Throws what the platform throws for a buffer that is moved a second time; to be called before a message is sent. */
export function assertMovable(transfer: readonly Transferred[]): void {
  if (transfer.some((item) => item instanceof ArrayBuffer && item.detached)) {
    throw new DOMException("A buffer that was moved before cannot be moved.", "DataCloneError");
  }
}

/** Between processes everything is copied; for the sender it is gone all the same, as the contract is one. */
export function takeAway(transfer: readonly Transferred[]): void {
  if (transfer.length > 0) structuredClone(null, { transfer: transfer as ArrayBuffer[] });
}
