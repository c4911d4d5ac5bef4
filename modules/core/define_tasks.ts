// defineTasks: names functions in the module that has them, each by its key: no name to repeat.

import { typeName } from "./checks.ts";
import { Task, type TaskOf } from "./task.ts";
import { type AnyFunction, keepFunction, nameModule } from "./task_source.ts";

/** The tasks that are made of functions, by the same keys. */
export type DefinedTasks<F> = {
  readonly [K in keyof F]: F[K] extends (...args: infer A) => infer R ? TaskOf<A, R> : never;
};

/**
 * Makes tasks of functions in the module that has them. A task is called as its key: arrows and methods need no name of their
 * own.
 *
 * The worker imports the module again, so what the module does at its top level is done there too: guard a script's main part
 * by `import.meta.main`. Call it at the top level, for the worker must come by, too; nothing has to be exported. What a method
 * says of `this` is said of the record that was given.
 *
 * @example In the same file
 * ```ts
 * import assert from "node:assert/strict";
 * import { defineTasks, EventLoopExecutor } from "@concurrent/futures";
 *
 * const tasks = defineTasks(import.meta.url, {
 *   square: (n: number) => n * n,
 *   *upTo(n: number) { for (let i = 0; i < n; i++) yield i; },
 * });
 *
 * await using executor = new EventLoopExecutor();
 * assert.equal(await executor.submit(tasks.square, 4), 16);
 * assert.deepEqual(await Array.fromAsync(executor.stream(tasks.upTo, 3)), [0, 1, 2]);
 * ```
 *
 * @param module `import.meta.url` of the calling module.
 * @param functions By the names of their tasks. A module may export nothing else under such a name.
 * @returns The tasks by the same names; it cannot be changed.
 * @throws {TypeError} When `module` is not an absolute URL, or something in `functions` is no function.
 */
export function defineTasks<F extends Record<string, AnyFunction>>(
  module: URL | string,
  functions: F,
): DefinedTasks<F> {
  if (typeof functions !== "object" || functions === null)
    throw new TypeError(
      `Cannot define tasks: expected a record of functions, got ${typeName(functions)}`,
    );
  const href = nameModule(module);
  const tasks: Record<string, Task> = Object.create(null);
  // Each is read once, for it may be a getter, and nothing is kept before all are known to be functions.
  const read = Object.keys(functions).map((name): [string, unknown] => [name, functions[name]]);
  for (const [name, fn] of read) {
    if (name === "then") throw new TypeError('Cannot define tasks: none can be called "then"');
    if (typeof fn !== "function")
      throw new TypeError(`Cannot define task "${name}": expected a function, got ${typeName(fn)}`);
  }
  for (const [name, fn] of read) {
    const bound: AnyFunction = (fn as AnyFunction).bind(functions);
    keepFunction(href, name, bound);
    tasks[name] = new Task({ module: href, export: name, fn: bound });
  }
  return Object.freeze(tasks) as DefinedTasks<F>;
}
