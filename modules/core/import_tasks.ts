// importTasks: names what a module exports, and what lies within its exports, without loading it.

import type { TaskOfClass } from "./actor.ts";
import { Task, type TaskOf } from "./task.ts";
import type { AnyFunction } from "./task_source.ts";
import { internSource, keepLoader, nameModule } from "./task_source.ts";

/** The task that is made of a function, or that a task already is. */
export type TaskFrom<F> =
  F extends Task<infer A, infer R, infer I>
    ? Task<A, R, I>
    : F extends (...args: infer A) => infer R
      ? TaskOf<A, R>
      : never;

/** What an actor is made of, where that is a class. */
export type ClassOf<C> = C extends new (...args: infer A) => infer T ? TaskOfClass<A, T> : unknown;

/** The task at a path, as `Images.resize`. */
export type TaskAt<M, Path extends string> = string extends Path
  ? // biome-ignore lint/suspicious/noExplicitAny: nothing is known of its arguments
    Task<any[], unknown>
  : Path extends keyof M
    ? TaskFrom<M[Path]>
    : Path extends `${infer Head}.${infer Tail}`
      ? Head extends keyof M
        ? TaskAt<M[Head], Tail>
        : TaskAt<unknown, string>
      : TaskAt<unknown, string>;

/**
 * The tasks of a module: one for each function it exports, and those within its classes and plain objects, as
 * `jobs.Images.resize`.
 *
 * @typeParam Hidden What is reached by `$` only.
 */
export type TasksOf<M, Hidden = "$"> = {
  readonly [K in keyof M as K extends Hidden
    ? never
    : // biome-ignore lint/suspicious/noExplicitAny: whatever its items are
      M[K] extends AnyFunction | Task<never[], unknown, any>
      ? K
      : // What has methods, none of which is a task.
        M[K] extends
            | readonly unknown[]
            | ReadonlyMap<never, unknown>
            | ReadonlySet<never>
            | Date
            | RegExp
            | Error
            | PromiseLike<unknown>
            | ArrayBufferLike
            | ArrayBufferView
        ? never
        : M[K] extends object
          ? K
          : never]: [TaskFrom<M[K]>] extends [never]
    ? TasksOf<
        M[K],
        keyof Task | keyof InstanceType<ObjectConstructor> | "prototype" | "then" | "$"
      > &
        ClassOf<M[K]>
    : TaskFrom<M[K]>;
} & {
  /**
   * The task at a path. For what is called as something that every task has: `jobs.$("Images.name")`.
   *
   * @throws {TypeError} When a step of the path is empty, or `constructor`, `prototype` or `__proto__`.
   */
  readonly $: <Path extends string>(path: Path) => TaskAt<M, Path>;
};

/** Steps that lead out of what a module exports. */
const REFUSED: ReadonlySet<string> = new Set(["constructor", "prototype", "__proto__", ""]);

/**
 * Names the exported functions of a module as tasks, without loading it here. Types come from `typeof import`.
 *
 * Names may have dots: `jobs.Images.resize` is a static method of a class, or a function in a plain object, that the module
 * exports. It is looked for among own properties only, and called as the method it is. What is called as something that every
 * task has (`name`, `with`, `source`, `options`) is reached by `jobs.$("Images.name")`.
 *
 * Whether the module and the export exist is found out by the worker: if not, the future of that submission fails. The
 * module may be one of CommonJS, too (`module.exports = { add }`), or export an object with its functions by default.
 *
 * @example A plain module, untouched
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, importTasks } from "@concurrent/futures";
 *
 * const tasks = importTasks<{ double(n: number): number }>(
 *   "data:text/javascript,export function double(n) { return 2 * n }",
 * );
 * await using executor = new EventLoopExecutor();
 * assert((await executor.submit(tasks.double, 21)) === 42);
 * ```
 *
 * @example A static method
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, importTasks } from "@concurrent/futures";
 *
 * const tasks = importTasks<{ Numbers: { double(n: number): number; name(): string } }>(
 *   "data:text/javascript,export class Numbers { static double(n) { return 2 * n } static name() { return 'numbers' } }",
 * );
 * await using executor = new EventLoopExecutor();
 * assert((await executor.submit(tasks.Numbers.double, 21)) === 42);
 * assert((await executor.submit(tasks.$("Numbers.name"))) === "numbers");
 * ```
 *
 * @example A module that a bundler keeps in the program, and whose types need no other mention
 * ```ts ignore
 * const jobs = importTasks(new URL("./jobs.ts", import.meta.url), () => import("./jobs.ts"));
 * ```
 *
 * @param module The absolute URL of the module, as `new URL("./jobs.ts", import.meta.url)`.
 * @param load Imports the same module, for a program in one file, where there is no other way to it. Called by a worker that
 * is this program, and by an `EventLoopExecutor`. Default: the module is found by its URL only.
 * @throws {TypeError} When `module` is not an absolute URL, or `load` is no function.
 */
export function importTasks<M>(module: URL | string, load?: () => Promise<M>): TasksOf<M> {
  const href = nameModule(module);
  if (load === undefined && href.startsWith("data:video/")) {
    throw new TypeError(
      "Cannot name tasks: the bundler took the module for a film, by the end of its name, and put it into the program as it " +
        "is; make it an entry of the build: for Vite, Rollup and rolldown @concurrent/futures/vite does",
    );
  }
  if (load !== undefined) {
    if (typeof load !== "function") {
      throw new TypeError(
        `Cannot name tasks: expected a function that imports the module, got ${typeof load}`,
      );
    }
    keepLoader(href, load);
  }
  const tasks = new Map<string, Task>();
  const named = (name: string): Task => {
    let found = tasks.get(name);
    if (found === undefined) {
      found = importedTask(href, name, named);
      tasks.set(name, found);
    }
    return found;
  };
  return new Proxy(Object.create(null), {
    get(_target, name) {
      // `then` would make the collection a thenable: `await importTasks(…)` must not call a worker.
      if (typeof name === "symbol" || name === "then") return undefined;
      return name === "$" ? (path: unknown) => named(checkedPath(path)) : named(name);
    },
  }) as TasksOf<M>;
}

function checkedPath(path: unknown): string {
  if (typeof path !== "string")
    throw new TypeError(`Cannot name task: expected its path, got ${typeof path}`);
  const refused = path.split(".").find((step) => REFUSED.has(step));
  if (refused === undefined) return path;
  throw new TypeError(`Cannot name task: "${path}" has a step "${refused}"`);
}

/**
 * Makes a task that has those within it for its further properties. They are asked for at the end of its prototypes, so that
 * what every task has is found as fast as in any other.
 */
function importedTask(module: string, name: string, named: (name: string) => Task): Task {
  const task = new Task(internSource(module, name));
  const within = new Proxy(Object.create(Task.prototype), {
    get(target, key, receiver) {
      if (typeof key === "symbol" || key in target || key === "then" || REFUSED.has(key))
        return Reflect.get(target, key, receiver);
      if (key === "$") return (path: unknown) => named(`${name}.${checkedPath(path)}`);
      return named(`${name}.${key}`);
    },
  });
  const own = Object.create(within, Object.getOwnPropertyDescriptors(Task.prototype));
  return Object.setPrototypeOf(task, own);
}
