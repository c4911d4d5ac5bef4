// Catches what a call prints, so that it can be shown together: the worker's end of `futures map`.

import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import { formatWithOptions, inspect } from "node:util";

/** What one call prints. */
export interface Printing {
  text: string;
  /** Where text goes at once; undefined keeps it. */
  readonly show: ((text: string) => void) | undefined;
  /** Whether the call has ended: what it prints later belongs to nobody. */
  ended: boolean;
}

const printing = new AsyncLocalStorage<Printing>();
let isCatching = false;

/** Calls `call`, whose prints and those of all it starts go to `to`. */
export function catchPrints<T>(to: Printing, call: () => T): T {
  if (!isCatching) startCatching();
  return printing.run(to, call);
}

/** Takes the place of the console's methods and of the streams' writing; outside of a call nothing changes. */
function startCatching(): void {
  isCatching = true;
  for (const name of ["log", "info", "debug", "warn", "error"] as const) {
    replace(console, name, (args) => `${formatWithOptions({ colors: false }, ...args)}\n`);
  }
  replace(console, "dir", ([value, options]) => `${inspect(value, options ?? {})}\n`);
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = ((piece: string | Uint8Array, ...rest: unknown[]) => {
      if (!print(typeof piece === "string" ? piece : new TextDecoder().decode(piece)))
        return write(piece, ...rest);
      const callback = rest.at(-1);
      if (typeof callback === "function") queueMicrotask(() => callback());
      return true;
    }) as typeof stream.write;
  }
}

function replace<Name extends "log" | "info" | "debug" | "warn" | "error" | "dir">(
  target: Console,
  name: Name,
  // biome-ignore lint/suspicious/noExplicitAny: a console takes anything
  format: (args: any[]) => string,
): void {
  const own = target[name].bind(target) as (...args: unknown[]) => void;
  target[name] = (...args: unknown[]) => {
    if (!print(() => format(args))) own(...args);
  };
}

/** Whether it was printed by a call. */
function print(text: string | (() => string)): boolean {
  const to = printing.getStore();
  if (to === undefined || to.ended) return false;
  const whole = typeof text === "string" ? text : text();
  if (to.show === undefined) to.text += whole;
  else to.show(whole);
  return true;
}
