// TaskSource: the place of a task's function. And which modules this program has named, and how it loads them itself.

import type { WireTask } from "./seam/messages.ts";
import { contextSlot, functionKey } from "./task_context.ts";

/** Any function a task can be made of. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are contravariant; only `any` lets every function match
export type AnyFunction = (...args: any[]) => unknown;

/** Where a task's function is found. Interned: the same place is the same object, so it can be a key. */
export interface TaskSource {
  /** The absolute URL of the module; empty for a function of this process only. */
  readonly module: string;
  /** The name it is exported under; with dots between, of what lies within an export: `Images.resize`. */
  readonly export: string;
  /** The function itself, where this process has it. */
  readonly fn?: AnyFunction | undefined;
  /** Set where its calls are streams: how many items are made ahead. */
  readonly stream?: number | undefined;
  /** Set where its calls do something else with the function than to call it (`WireTask`). */
  readonly does?: WireTask["does"];
  /** Set where its calls are followed: the address of what is put around the function there (call_tracer.ts). */
  readonly around?: string | undefined;
}

/** One object for each place, so that what is known of a task is found again however often it is named. */
const sources = new Map<string, TaskSource>();

/** Finds the source of an export that this process may not have loaded. */
export function internSource(module: string, name: string): TaskSource {
  const key = `${module}#${name}`;
  let source = sources.get(key);
  if (source === undefined) {
    source = { module, export: name };
    sources.set(key, source);
  }
  return source;
}

/** The functions that are kept, by the same keys as their loaders; nothing where there are several. */
const functions = new Map<string, AnyFunction | undefined>();

/** Has a worker find the function by its name: nothing need export it, nor be a module, in a program in one file. */
export function keepFunction(module: string, name: string, fn: AnyFunction): void {
  const key = functionKey(module, name);
  const only = functions.has(key) && functions.get(key) !== fn ? undefined : fn;
  functions.set(key, only);
  // Files keep apart what has one name. Told when it is called for, so never to a program in many files.
  keepLoader(key, () => {
    if (only !== undefined) return { [name]: only };
    throw new TypeError(
      `this program has several functions "${name}"; let the build keep their names, or use importTasks`,
    );
  });
}

/** Keeps how this program itself loads a module. */
export function keepLoader(key: string, load: () => unknown): void {
  contextSlot.loaders ??= new Map();
  contextSlot.loaders.set(key, load);
}

/** The modules that this program has named for tasks, the latest last. */
const modules = new Set<string>();

/** So many are known: a program that goes on naming new ones, as one that reloads them does, must not keep them all. */
const MOST_MODULES = 1024;

/** Lists the modules named so far, the latest first: what a worker that may not read files has to be shown when it starts. */
export function namedModules(): string[] {
  return [...modules].reverse();
}

/**
 * Notes that tasks of a module are named.
 *
 * @returns Its address.
 * @throws {TypeError} When that is no absolute URL.
 */
export function nameModule(module: URL | string): string {
  const url = URL.parse(String(module));
  if (url === null) {
    throw new TypeError(
      `Cannot name tasks: "${module}" is not an absolute URL; pass new URL("./jobs.ts", import.meta.url)`,
    );
  }
  // To the end, also if it was named before.
  modules.delete(url.href);
  modules.add(url.href);
  if (modules.size > MOST_MODULES) {
    for (const oldest of modules) {
      modules.delete(oldest);
      break;
    }
  }
  return url.href;
}
