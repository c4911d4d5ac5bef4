// Printer: gathers what one task prints and sends it on, on the server and in a page alike.

import type { OutputLine } from "../../modules/dashboard/contract.ts";
import { OUTPUT, OUTPUT_LIMIT, type Printed } from "../../modules/dashboard/record/printed.ts";

/** What is printed within so many milliseconds travels together. The first line goes at once: a task may die of it. */
const TOGETHER_MS = 100;

export const LEVELS = ["debug", "info", "log", "warn", "error"] as const;

export type Level = (typeof LEVELS)[number];

/** What one task has printed and not sent. */
export class Printer {
  readonly #send: (printed: Printed) => void;
  #lines: OutputLine[] = [];
  #room = OUTPUT_LIMIT;
  #cut = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(send: (printed: Printed) => void) {
    this.#send = send;
  }

  print(level: Level, text: string): void {
    if (this.#room <= 0) return;
    this.#cut = text.length > this.#room;
    this.#lines.push({ at: Date.now(), level, text: text.slice(0, this.#room) });
    this.#room -= text.length + 1;
    const wait = this.#sentAt + TOGETHER_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    this.#send({ [OUTPUT]: this.#lines, cut: this.#cut });
    this.#lines = [];
    this.#sentAt = performance.now();
  }
}
