// printing: has what a task prints with `console` sent to the server, beside going nowhere else.
//
// Runs where the task runs: in a worker, or on the server's own event loop. There, tasks take turns, so who prints is
// found by the asynchronous context and not by time. A console call that no task makes is left as it was.

import { AsyncLocalStorage } from "node:async_hooks";
import { format, stripVTControlCharacters } from "node:util";
import { taskContext } from "@concurrent/futures/task";
import { LEVELS, Printer } from "./printer.ts";

const printers = new AsyncLocalStorage<Printer>();

for (const level of LEVELS) {
  const original = console[level];
  console[level] = (...args: unknown[]) => {
    const printer = printers.getStore();
    if (printer === undefined) original(...args);
    else printer.print(level, stripVTControlCharacters(format(...args)));
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
    if (isGenerator(result)) return printed(result, printer) as R;
    flush();
    return result;
  };
}

/** Has what each step of a generator prints heard. */
async function* printed(
  items: AsyncGenerator<unknown, unknown>,
  printer: Printer,
): AsyncGenerator<unknown, unknown> {
  try {
    for (;;) {
      const { done, value } = await printers.run(printer, () => items.next());
      if (done === true) return value;
      yield value;
    }
  } finally {
    await printers.run(printer, () => items.return(undefined));
    printer.flush();
  }
}

function isGenerator(value: unknown): value is AsyncGenerator<unknown, unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
