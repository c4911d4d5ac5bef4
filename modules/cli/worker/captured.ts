// Catches what a call prints, so that it can be shown together: the worker's end of `futures map`.

import { AsyncLocalStorage } from "node:async_hooks";
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
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

/** Whether this is a program or a process of Bun, no thread. */
const IS_MAIN_OF_BUN =
  (globalThis as { Bun?: { readonly isMainThread: boolean } }).Bun?.isMainThread === true;

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
  const aside = (piece: string | Uint8Array, ...rest: unknown[]): boolean => {
    const left = IS_MAIN_OF_BUN ? writeNow(piece) : piece;
    if (left.length === 0) return isTaken(rest);
    // Taken from the stream when it is made.
    writeAside ?? process.stderr;
    return (writeAside as (...args: unknown[]) => boolean)(left, ...rest);
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
      return isTaken(rest);
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

/** Tells whoever wrote something that it is written. */
function isTaken(rest: readonly unknown[]): true {
  const callback = rest.at(-1);
  if (typeof callback === "function") queueMicrotask(() => callback());
  return true;
}

/**
 * Writes to standard error at once, as the command does, which may end at any time.
 *
 * @returns What is left, where that says "later". What cannot be written at all is nobody's loss.
 */
function writeNow(piece: string | Uint8Array): Uint8Array {
  const bytes = typeof piece === "string" ? Buffer.from(piece) : piece;
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(2, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") at = bytes.length;
  }
  return bytes.subarray(at);
}

/** Changes a stream of the process before anybody has it: to make one takes 8 ms, and most calls print by the console. */
function whenMade(name: "stdout" | "stderr", change: (stream: NodeJS.WriteStream) => void): void {
  const make = makerOf(name);
  if (make === undefined) return change(process[name]);
  let stream: NodeJS.WriteStream | undefined;
  // Bun makes it for who defines it anew, and not for who writes over it.
  if ("Bun" in globalThis) Object.assign(process, { [name]: undefined });
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (stream === undefined) {
        stream = make();
        change(stream);
      }
      return stream;
    },
    set(other) {
      stream = other;
    },
  });
}

/**
 * How a stream is made when it is asked for; undefined where there is no telling whether somebody has it already, as what was
 * preloaded, or where it is there in any case, as in a thread.
 */
function makerOf(name: "stdout" | "stderr"): (() => NodeJS.WriteStream) | undefined {
  if ("Deno" in globalThis) {
    const get = Object.getOwnPropertyDescriptor(process, name)?.get;
    return get && (() => get.call(process));
  }
  if (!IS_MAIN_OF_BUN || process.execArgv.length > 0) return undefined;
  // Not what Bun has there: it makes the stream even for who asks how it would be made. This is how it does.
  return () => {
    const fd = name === "stdout" ? 1 : 2;
    const { isatty, WriteStream } = process.getBuiltinModule("node:tty");
    if (isatty(fd)) return new WriteStream(fd);
    const { createWriteStream } = process.getBuiltinModule("node:fs");
    return createWriteStream("", { fd, autoClose: false }) as unknown as NodeJS.WriteStream;
  };
}

function print(to: Printing, text: string): void {
  if (to.show === undefined) to.text += text;
  else to.show(text);
}
