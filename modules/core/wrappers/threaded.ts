// threaded: a decorator that has a static method submit itself to an executor wherever it is called.

import { typeName } from "../checks.ts";
import type { Executor } from "../executor.ts";
import { Task, type Yields } from "../task.ts";
import { type AnyFunction, keepFunction, nameModule } from "../task_source.ts";
import { methodOf, type StaticMethodDecorator, Submitting } from "./decorate.ts";

/**
 * Has a static method run elsewhere: called, it submits itself to `executor`, and returns the `Future`; of a generator, the
 * stream. In the worker the method itself is called, with its class for `this`.
 *
 * No decorator can change the type of a method: make it `async`, and its type is true. The worker imports the module again, as
 * for every task, so guard what only the main program should do; nothing has to be exported. Other wrappers (`@retry`,
 * `@memoize`, …) stand above.
 *
 * A method of an instance cannot be decorated: an instance cannot travel. Decorators of TypeScript's own
 * (`experimentalDecorators`) are served, too.
 *
 * @example Below other decorators
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, memoize, threaded } from "@concurrent/futures";
 *
 * const pool = new EventLoopExecutor();
 *
 * class Numbers {
 *   @memoize
 *   @threaded(pool, import.meta.url)
 *   static async square(n: number): Promise<number> {
 *     return n * n;
 *   }
 * }
 *
 * assert.equal(await Numbers.square(4), 16);
 * await pool.shutdown();
 * ```
 *
 * @param executor Runs the method: of threads, of processes, or of this event loop.
 * @param module `import.meta.url` of the calling module.
 * @throws {TypeError} For what is no executor or no absolute URL; and where the decorator is used on what is no static method.
 */
export function threaded(
  executor: Pick<Executor, "submit" | "stream">,
  module: URL | string,
): StaticMethodDecorator {
  if (typeof (executor as Partial<Executor> | undefined)?.submit !== "function")
    throw new TypeError(
      `Cannot use @threaded: expected an executor, got ${typeName(executor)}; write @threaded(pool, import.meta.url)`,
    );
  const href = nameModule(module);
  const decorate = (...given: unknown[]): unknown => {
    const method = methodOf("@threaded", given);
    const { name, fn } = method;
    let task: Task | undefined;
    method.withClass((its) => {
      const path = `${classNameOf(its, name)}.${name}`;
      const bound: AnyFunction = fn.bind(its);
      keepFunction(href, path, bound);
      task = new Task({ module: href, export: path, fn: bound });
    });
    const isStream = isGeneratorFunction(fn);
    const submitting = new Submitting(
      method,
      () => {
        if (task !== undefined) return task;
        throw new ReferenceError(`Cannot call "${name}": its class is not defined yet`);
      },
      (wrapped, args) =>
        isStream
          ? executor.stream(
              wrapped as unknown as Task<unknown[], unknown, Yields<unknown>>,
              ...args,
            )
          : executor.submit(wrapped, ...args),
    );
    return method.replacedBy(submitting.fn);
  };
  return decorate as StaticMethodDecorator;
}

function classNameOf(its: AnyFunction, method: string): string {
  const { name } = its;
  if (typeof name === "string" && name !== "") return name;
  throw new TypeError(`Cannot use @threaded on "${method}": its class has no name`);
}

function isGeneratorFunction(fn: AnyFunction): boolean {
  const prototype: unknown = Object.getPrototypeOf(fn);
  return [function* () {}, async function* () {}].some(
    (generator) => prototype === Object.getPrototypeOf(generator),
  );
}
