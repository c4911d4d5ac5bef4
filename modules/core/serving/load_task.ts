// Finds the function of a task: loads its module, and takes from that what it exports by the task's name.

import { withCode } from "../errors.ts";
import type { WireTask } from "../seam/messages.ts";
import type { AnyFunction, Task } from "../task.ts";
import { contextSlot, functionKey, TASK_OF } from "../task_context.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it looks for
const COLOURS = /\x1b\[[\d;]*m/g;

/** What webpack calls a file that it copies as it is, unless it is told otherwise: by a digest of what is in it. */
const COPIED_BY_WEBPACK = /\/[\da-f]{16,}\.[cm]?[jt]sx?$/;

/** What few calls need, loaded when there is first need of it (serve.ts). */
export interface RareParts {
  actorSeat(): Promise<typeof import("./actor_seat.ts")>;
  consoleCapture(): Promise<typeof import("./console_capture.ts")>;
  debugging(): Promise<typeof import("./debugging.ts")>;
  linkRings(): Promise<typeof import("./link_rings.ts")>;
  nestedExports(): Promise<typeof import("./nested_exports.ts")>;
  /** By what is used of it: it uses the server, which has these. */
  producer(): Promise<{ producerOf(fn: AnyFunction, ahead: number): AnyFunction }>;
  sharedValue(): Promise<typeof import("../shared_value.ts")>;
}

/** Where a function is. */
type Place = Pick<WireTask, "module" | "export">;

/** Loads the module of a task and finds its function. */
export async function loadTask(
  task: Place,
  sharedRealm: boolean,
  rareParts: Pick<RareParts, "nestedExports">,
): Promise<AnyFunction> {
  const module = await importModule(task, sharedRealm);
  const find = task.export.includes(".")
    ? (await rareParts.nestedExports()).nestedExport
    : exportOf;
  let isThere = false;
  for (const place of placesOfExports(module)) {
    const found = find(place, task.export);
    if (found === undefined) continue;
    isThere = true;
    const fn = functionOf(found.value);
    if (typeof fn === "function") return theOnly(fn as AnyFunction, task);
  }
  const kept = contextSlot.loaders?.get(functionKey(task.module, task.export));
  if (kept !== undefined)
    return (kept() as Record<string, AnyFunction>)[task.export] as AnyFunction;
  if (!isThere) {
    const what = `Cannot find task: module ${task.module} has no export "${task.export}"`;
    throw withCode(new ReferenceError(what), "CF_TASK_NOT_FOUND");
  }
  const what = `Cannot use task: export "${task.export}" of ${task.module} is not a function`;
  throw withCode(new TypeError(what), "CF_TASK_NOT_FOUND");
}

/** Makes sure that a module means one function by a name: what it exports, and what it has named a task itself. */
function theOnly(exported: AnyFunction, { module, export: name }: Place): AnyFunction {
  const kept = contextSlot.loaders?.get(functionKey(module, name));
  if (kept === undefined) return exported;
  let named: unknown;
  try {
    named = (kept() as Record<string, unknown>)[name];
  } catch {
    // It has named several, as a program does that is loaded anew: what it exports is the latest.
    return exported;
  }
  if (named === exported) return exported;
  const what = `Cannot use task: ${module} exports "${name}", and has named another function so; rename one`;
  throw withCode(new TypeError(what), "CF_TASK_NOT_FOUND");
}

function exportOf(place: object, name: string): { value: unknown } | undefined {
  if (!Object.hasOwn(place, name)) return undefined;
  return { value: (place as Record<string, unknown>)[name] };
}

/**
 * The function of what was found. A task, also one made by another copy of this library, has its function with it, and so has
 * a method that submits itself. Not by `isTask`: what a worker loads before it can begin is kept small
 * (docs/decisions/0024-starting.md).
 */
function functionOf(found: unknown): unknown {
  const task = (found as { [TASK_OF]?: Task } | null | undefined)?.[TASK_OF] ?? found;
  return typeof task === "function" ? task : (task as Partial<Task> | null)?.source?.fn;
}

/**
 * Puts around a function what follows its calls. A worker that cannot load that makes them all the same: it may be allowed
 * nothing, or be a program in one file. Then what comes behind the arguments is taken off.
 */
export async function wrapped(fn: AnyFunction, around: string): Promise<AnyFunction> {
  try {
    const { wrap } = (await import(/* webpackIgnore: true */ around)) as {
      wrap(fn: AnyFunction): AnyFunction;
    };
    return wrap(fn);
  } catch {
    return (...args) => fn(...args.slice(0, -2));
  }
}

/**
 * Where a module keeps what it exports: in itself, or in the object that it exports by default. A module of CommonJS does
 * the latter, whatever the runtime has been able to tell of it by reading; and within that again, if it was a module of
 * JavaScript before some tool translated it.
 */
function* placesOfExports(module: object): Generator<object> {
  let place: unknown = module;
  for (let depth = 0; depth <= 2; depth++) {
    if ((typeof place !== "object" || place === null) && typeof place !== "function") return;
    yield place;
    place = (place as { default?: unknown }).default;
  }
}

async function importModule(task: Place, sharedRealm: boolean): Promise<object> {
  if (!sharedRealm) contextSlot.loading = task.module;
  try {
    const load = ownLoader(task, sharedRealm);
    // The comment keeps webpack from looking for it in its own bundle.
    const loading = load === undefined ? import(/* webpackIgnore: true */ task.module) : load();
    return (await loading) as object;
  } catch (cause) {
    // Some runtimes colour the messages of their module loader.
    const why = String((cause as Partial<Error>)?.message ?? cause).replaceAll(COLOURS, "");
    const what = `Cannot load task "${task.export}": module ${task.module} cannot be imported: ${why}${hintFor(task.module)}`;
    throw withCode(new ReferenceError(what, { cause }), "CF_TASK_NOT_FOUND");
  } finally {
    contextSlot.loading = undefined;
  }
}

/** No error where the copy runs as it is: only one that nothing was made of, or not what it imports, is the bundler's. */
function hintFor(module: string): string {
  if (!COPIED_BY_WEBPACK.test(module)) return "";
  return (
    "; its name is one that webpack gives to a file that it copies as it is: make the module an entry of the build, as the guide " +
    '"Threads in a browser" (docs/guide/browser.md) says'
  );
}

/**
 * How this program itself loads a module that it has named; nothing where modules are found by their URLs. A program that is
 * its own worker takes no others: who starts it gets its tasks and no more.
 */
function ownLoader(
  { module, export: name }: Place,
  sharedRealm: boolean,
): (() => unknown) | undefined {
  const { loaders, ownWorker } = contextSlot;
  if (sharedRealm) return loaders?.get(module);
  if (ownWorker !== "running") return undefined;
  const load = loaders?.get(functionKey(module, name)) ?? loaders?.get(module);
  if (load !== undefined) return load;
  throw new ReferenceError(
    "this program is its own worker, and has not named it; name it where workers come by, too: " +
      'importTasks(new URL("./jobs.ts", import.meta.url), () => import("./jobs.ts"))',
  );
}
