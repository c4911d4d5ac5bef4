// printing: has what a task prints with `console` sent to the server, beside going nowhere else.
//
// Runs where the task runs: in a worker, or on the server's own event loop. There, tasks take turns, so who prints is
// found by the asynchronous context and not by time. A console call that no task makes is left as it was.

import { AsyncLocalStorage } from "node:async_hooks";
import { format, stripVTControlCharacters } from "node:util";
import { taskContext } from "@concurrent/futures";
import type { OutputLine } from "./contract.ts";
import { OUTPUT, OUTPUT_LIMIT, type Printed } from "./record/printed.ts";

/** What is printed within so many milliseconds travels together. The first line goes at once: a task may die of it. */
const TOGETHER_MS = 100;

const LEVELS = ["debug", "info", "log", "warn", "error"] as const;

type Level = (typeof LEVELS)[number];

const printers = new AsyncLocalStorage<Printer>();

/** What one task has printed and not sent. */
class Printer {
  readonly #send: (printed: Printed) => void;
  #lines: OutputLine[] = [];
  #room = OUTPUT_LIMIT;
  #cut = false;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(send: (printed: Printed) => void) {
    this.#send = send;
  }

  print(level: Level, args: unknown[]): void {
    if (this.#room <= 0) return;
    const text = stripVTControlCharacters(format(...args));
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

for (const level of LEVELS) {
  const original = console[level];
  console[level] = (...args: unknown[]) => {
    const printer = printers.getStore();
    if (printer === undefined) original(...args);
    else printer.print(level, args);
  };
}

/** Makes a task of which the server hears what it prints, also when it fails. */
export function printing<A extends unknown[], R>(task: (...args: A) => R): (...args: A) => R {
  return function runPrinting(...args) {
    const { progress } = taskContext();
    // A fraction goes with every report; the server takes none from these.
    const printer = new Printer((printed) => progress(0, printed));
    const flush = () => printer.flush();
    let result: R;
    try {
      result = printers.run(printer, task, ...args);
    } catch (error) {
      flush();
      throw error;
    }
    if (result instanceof Promise) return result.finally(flush) as R;
    flush();
    return result;
  };
}
