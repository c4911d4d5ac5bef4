// Has what tasks print go to their host, in the place of the console: loaded by the first worker that is to do so.

import { type PrintingTools, runtime } from "../brand.ts";
import { UnsupportedRuntimeError } from "../errors.ts";
import type { ConsoleLevel } from "../events.ts";
import type { AnyFunction } from "../task_source.ts";
import { plainFormat } from "./plain_format.ts";

/** The console's methods that print, as far as they are captured. */
const LEVELS: readonly ConsoleLevel[] = ["debug", "info", "log", "warn", "error"];

/** Takes what is printed. */
type Print = (level: ConsoleLevel, text: string) => void;

/** Runs code whose prints, and those of all that it begins, go to `print`. */
type Capture = <R>(print: Print, run: () => R) => R;

/** Captures what is printed in this realm: there is one console for all who are at work in it. */
class ConsoleCapture {
  readonly #tools: PrintingTools | undefined;
  /** Takes what no call has printed; undefined leaves that to the console. */
  readonly #others: Print | undefined;
  /** What stands in the console's place now. */
  readonly #own = new Map<ConsoleLevel, (...args: unknown[]) => void>();
  /** Of the call that began last: where there is one at a time, that is known without a context. */
  #last: Print | undefined = undefined;

  constructor(tools: PrintingTools | undefined, others: Print | undefined) {
    this.#tools = tools;
    this.#others = others;
  }

  readonly capture: Capture = (print, run) => {
    if (this.#tools !== undefined) return this.#tools.storage.run(print, run);
    this.#last = print;
    return run();
  };

  /** Takes the place of the console, also where somebody else has meanwhile: then that is behind this one. */
  install(): void {
    for (const level of LEVELS) {
      const before = console[level];
      if (before === this.#own.get(level)) continue;
      const own = (...args: unknown[]) => {
        const print = this.#print();
        if (print === undefined) before.apply(console, args);
        else this.#outside(() => print(level, this.#format(args)));
      };
      this.#own.set(level, own);
      console[level] = own;
    }
  }

  #print(): Print | undefined {
    const own = this.#tools === undefined ? this.#last : this.#tools.storage.getStore();
    return (own as Print | undefined) ?? this.#others;
  }

  /** What follows is no print of the call: where nobody observes, the host prints it, and maybe on this very console. */
  #outside(tell: () => void): void {
    if (this.#tools === undefined) tell();
    else this.#tools.storage.run(undefined, tell);
  }

  #format(args: readonly unknown[]): string {
    return this.#tools === undefined ? plainFormat(args) : this.#tools.format(...args);
  }
}

/** Makes calls, and tells what each has printed. */
interface PrintingCalls {
  /** The number of the call that runs; less than 0 where none does. */
  readonly seq: number;
  printed(seq: number, level: ConsoleLevel, text: string): void;
  /** Has `layer` put around each function. */
  add(layer: (fn: AnyFunction) => AnyFunction): void;
}

let capture: Promise<ConsoleCapture> | undefined;

/**
 * Has what the calls of a worker print go to its host: takes the place of the console in this realm. What no call has printed
 * goes there, too, unless others are at work here: then that is left to the console.
 *
 * @throws {UnsupportedRuntimeError} Where others are, and nothing tells who prints.
 */
export async function captureCalls(calls: PrintingCalls, sharedRealm: boolean): Promise<void> {
  const others: Print = (level, text) => calls.printed(-1, level, text);
  capture ??= makeCapture(sharedRealm ? undefined : others);
  const found = await capture;
  found.install();
  calls.add((fn) => (...args) => {
    const { seq } = calls;
    return found.capture(
      (level, text) => calls.printed(seq, level, text),
      () => fn(...args),
    );
  });
}

async function makeCapture(others: Print | undefined): Promise<ConsoleCapture> {
  const tools = await runtime.loadPrinting?.().catch(() => undefined);
  if (tools === undefined && others === undefined)
    throw new UnsupportedRuntimeError(
      "Cannot capture console: nothing tells here which task prints; use threads or processes",
    );
  return new ConsoleCapture(tools, others);
}
