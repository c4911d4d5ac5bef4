// Catches what a call prints, so that it can be shown together: the worker's end of `futures map`.

import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import util from "node:util";

/** What one call prints. */
export interface Printing {
  text: string;
  /** Where text goes at once; undefined keeps it. */
  readonly show: ((text: string) => void) | undefined;
}

/** Whose prints they are: those of the call that is being made. Nobody's before the first and after the last. */
export interface Turn {
  printing: Printing | undefined;
}

const turns = new AsyncLocalStorage<Turn>();

/**
 * Makes calls, one after the other, whose prints and those of all they start go to whoever's turn it is.
 *
 * To enter an async context costs more than a short call. So those that have their results at once share one; what goes on
 * behind an `await` needs one of its own.
 */
export function catchPrints<T>(makeCalls: (turn: Turn) => T): T {
  const turn: Turn = { printing: undefined };
  return turns.run(turn, () => makeCalls(turn));
}

let isCatching = false;

/**
 * Takes the place of the console's methods and of the streams' writing. Standard output is for results: what no call prints, as
 * a module that loads, or a timer that a call has left behind, goes to standard error.
 */
export function startCatching(): void {
  if (isCatching) return;
  isCatching = true;
  for (const name of ["log", "info", "debug", "warn", "error"] as const) {
    replace(console, name, (args) => `${util.formatWithOptions({ colors: false }, ...args)}\n`);
  }
  replace(console, "dir", ([value, options]) => `${util.inspect(value, options ?? {})}\n`);
  let writeAside: ((...args: unknown[]) => boolean) | undefined;
  const aside = (...args: unknown[]): boolean => {
    // Taken from the stream when it is made.
    writeAside ?? process.stderr;
    return (writeAside as (...args: unknown[]) => boolean)(...args);
  };
  whenMade("stderr", (stream) => {
    writeAside = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    catchWriting(stream);
  });
  whenMade("stdout", catchWriting);

  function catchWriting(stream: NodeJS.WriteStream): void {
    stream.write = ((piece: string | Uint8Array, ...rest: unknown[]) => {
      const printing = turns.getStore()?.printing;
      if (printing === undefined) return aside(piece, ...rest);
      print(printing, typeof piece === "string" ? piece : new TextDecoder().decode(piece));
      const callback = rest.at(-1);
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    }) as typeof stream.write;
  }

  function replace<Name extends "log" | "info" | "debug" | "warn" | "error" | "dir">(
    target: Console,
    name: Name,
    // biome-ignore lint/suspicious/noExplicitAny: a console takes anything
    format: (args: any[]) => string,
  ): void {
    target[name] = (...args: unknown[]) => {
      const printing = turns.getStore()?.printing;
      if (printing === undefined) aside(format(args));
      else print(printing, format(args));
    };
  }
}

/**
 * Changes a stream of the process before anybody has it. To make one takes Deno 8 ms, and most calls print by the console; on the
 * others there is no telling whether somebody has it already.
 */
function whenMade(name: "stdout" | "stderr", change: (stream: NodeJS.WriteStream) => void): void {
  const made = Object.getOwnPropertyDescriptor(process, name);
  const get = "Deno" in globalThis ? made?.get : undefined;
  if (get === undefined) return change(process[name]);
  let stream: NodeJS.WriteStream | undefined;
  Object.defineProperty(process, name, {
    ...made,
    get() {
      if (stream === undefined) {
        stream = get.call(process) as NodeJS.WriteStream;
        change(stream);
      }
      return stream;
    },
    set(other) {
      stream = other;
    },
  });
}

function print(to: Printing, text: string): void {
  if (to.show === undefined) to.text += text;
  else to.show(text);
}
