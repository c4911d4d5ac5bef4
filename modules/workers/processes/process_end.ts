// What a process of any backend leaves to its host's side: the end of one.

import type { WorkerExit } from "../../core/seam/channel.ts";

/** Exit and end of the link come in either order; this many milliseconds after the exit the link is not waited for. */
const LAST_MESSAGES_MS = 50;

/** Brings the two ends of a process together: its exit, and the end of the link to it. */
export class ProcessEnd {
  readonly #report: (exit: WorkerExit) => void;
  readonly #kill: () => void;
  #exit: WorkerExit | undefined = undefined;
  #linked = true;
  #reported = false;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  /**
   * @param report is called once, when nothing more can come.
   * @param kill ends a process that has lost its link.
   */
  constructor(report: (exit: WorkerExit) => void, kill: () => void) {
    this.#report = report;
    this.#kill = kill;
  }

  /** Whether the process is gone. */
  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Whether it can be reached no more: it is gone, or its link is. What is sent then would not arrive. */
  get isCut(): boolean {
    return this.#exit !== undefined || !this.#linked;
  }

  /** Whether the end was reported: what comes now comes too late. */
  get isOver(): boolean {
    return this.#reported;
  }

  /** The process is gone. */
  exited(exit: WorkerExit): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    clearTimeout(this.#timer);
    // A grandchild may hold the link open for ever: the exit decides, the link only gets its chance.
    if (this.#linked) this.#timer = setTimeout(() => this.#over(), LAST_MESSAGES_MS);
    else this.#over();
  }

  /** Nothing more comes by the link. */
  unlinked(): void {
    this.#linked = false;
    this.#over();
    // One that goes on without a link, as after garbage on it, is of no use to anybody.
    if (this.#exit === undefined) this.#timer = unreferenced(this.#kill);
  }

  #over(): void {
    if (this.#reported || this.#exit === undefined) return;
    this.#reported = true;
    clearTimeout(this.#timer);
    this.#report(this.#exit);
  }
}

/** Does something as soon as no message can be on its way any more, without holding the program for it. */
export function unreferenced(action: () => void): ReturnType<typeof setTimeout> {
  const timer = setTimeout(action, LAST_MESSAGES_MS);
  (timer as { unref?(): void }).unref?.();
  return timer;
}
