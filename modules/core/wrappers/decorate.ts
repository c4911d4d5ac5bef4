// Decorators: how what wraps tasks is laid over a static method that submits itself (threaded.ts), by the standard and by what
// TypeScript had before it.

import { typeName } from "../checks.ts";
import { isTask, type Task } from "../task.ts";
import { TASK_OF } from "../task_context.ts";
import type { AnyFunction } from "../task_source.ts";

/**
 * A decorator of a static method: of the standard, or, where a build translates those of TypeScript (`experimentalDecorators`),
 * of these.
 */
export interface StaticMethodDecorator {
  /** As the standard has it. */
  <F extends AnyFunction>(
    method: F,
    context: ClassMethodDecoratorContext & { readonly static: true },
  ): F;
  /** As TypeScript had it before. */
  <F extends AnyFunction>(
    of: AnyFunction | (abstract new (...args: never[]) => unknown),
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): TypedPropertyDescriptor<F>;
}

/** A method that was given to a decorator. */
export interface DecoratedMethod {
  readonly name: string;
  readonly fn: AnyFunction;
  /** Calls `act` with its class once that is there. */
  withClass(act: (its: AnyFunction) => void): void;
  /** What the decorator returns to have `fn` in its place. */
  replacedBy(fn: AnyFunction): unknown;
}

/** What a wrapper was called with, and what it does to a task. */
export type Change = (task: Task) => Task;

/**
 * Does what a wrapper was called for: `wrapper(task, option)` wraps a task, `@wrapper(option)` and `@wrapper` a method.
 *
 * @param wrap Checks the option, and returns what it does to a task.
 */
export function wrapper(
  name: string,
  given: readonly unknown[],
  wrap: (option: unknown) => Change,
): unknown {
  const [first, second] = given;
  if (isTask(first)) return wrap(second)(first as unknown as Task);
  if (isDecoration(given)) return decorate(name, given, wrap(undefined));
  if (typeof first === "function" || given.length > 1)
    throw new TypeError(`Cannot ${name}: expected a task, got ${typeName(first)}`);
  const change = wrap(first);
  return (...method: unknown[]) => decorate(name, method, change);
}

/** Lays a change over a method that submits itself. */
function decorate(name: string, given: readonly unknown[], change: Change): unknown {
  const method = methodOf(`@${name}`, given);
  const { [TASK_OF]: submit } = method.fn as { [TASK_OF]?: Submitting };
  if (submit === undefined) {
    throw new TypeError(
      `Cannot use @${name} on "${method.name}": it is no task; put @threaded(pool, import.meta.url) beneath`,
    );
  }
  const changed = submit.changedBy(change);
  // Options that do not go together are told now, and not when it is called.
  method.withClass(() => void changed.source);
  return method.replacedBy(changed.fn);
}

/** What is called with a method, by whichever decorators. */
function isDecoration(given: readonly unknown[]): boolean {
  const [first, second, third] = given;
  if (given.length === 3) return typeof third === "object" && third !== null;
  const { kind } = (second ?? {}) as { kind?: unknown };
  return given.length === 2 && typeof kind === "string" && typeof first !== "object";
}

/**
 * Reads what a decorator was called with.
 *
 * @throws {TypeError} For what is no static method.
 */
export function methodOf(decorator: string, given: readonly unknown[]): DecoratedMethod {
  if (!isDecoration(given))
    throw new TypeError(`Cannot use ${decorator}: it is a decorator of static methods`);
  return given.length === 3
    ? ofTypeScript(decorator, given as [unknown, unknown, PropertyDescriptor])
    : ofStandard(decorator, given as [unknown, ClassMethodDecoratorContext]);
}

function ofStandard(
  decorator: string,
  [fn, context]: [unknown, ClassMethodDecoratorContext],
): DecoratedMethod {
  const { kind, name } = context;
  if (kind !== "method" || typeof fn !== "function") throw wrongKind(decorator, kind, name);
  if (!context.static) throw noStatic(decorator, name);
  return {
    name: wordOf(decorator, name),
    fn: fn as AnyFunction,
    withClass: (act) =>
      context.addInitializer(function () {
        act(this as AnyFunction);
      }),
    replacedBy: (other) => other,
  };
}

function ofTypeScript(
  decorator: string,
  [of, name, descriptor]: [unknown, unknown, PropertyDescriptor],
): DecoratedMethod {
  const { value: fn } = descriptor;
  if (typeof fn !== "function") throw wrongKind(decorator, "accessor", name);
  if (typeof of !== "function") throw noStatic(decorator, name);
  return {
    name: wordOf(decorator, name),
    fn,
    withClass: (act) => act(of as AnyFunction),
    replacedBy: (value) => ({ ...descriptor, value }),
  };
}

function wordOf(decorator: string, name: unknown): string {
  if (typeof name === "string") return name;
  throw new TypeError(
    `Cannot use ${decorator} on ${String(name)}: a task has a name, and a symbol is none`,
  );
}

function wrongKind(decorator: string, kind: string, name: unknown): TypeError {
  return new TypeError(
    `Cannot use ${decorator} on ${kind} "${String(name)}": expected a static method`,
  );
}

function noStatic(decorator: string, name: unknown): TypeError {
  return new TypeError(
    `Cannot use ${decorator} on "${String(name)}": its object cannot travel to a worker; make the method static`,
  );
}

/** What a method has that submits itself, under `TASK_OF`: its task, as soon as its class is known. */
export class Submitting {
  readonly #make: () => Task;
  readonly #submit: (task: Task, args: unknown[]) => unknown;
  #task: Task | undefined = undefined;
  /** What takes the method's place. */
  readonly fn: AnyFunction;

  constructor(
    { name, fn }: Pick<DecoratedMethod, "name" | "fn">,
    make: () => Task,
    submit: (task: Task, args: unknown[]) => unknown,
  ) {
    this.#make = make;
    this.#submit = submit;
    this.fn = (...args: unknown[]) => submit(this.task, args);
    Object.defineProperty(this.fn, "name", { value: name, configurable: true });
    Object.defineProperty(this.fn, "length", { value: fn.length, configurable: true });
    Object.defineProperty(this.fn, TASK_OF, { value: this });
  }

  /** Its task. */
  get task(): Task {
    this.#task ??= this.#make();
    return this.#task;
  }

  // As a task has them: a worker that finds the method calls the function of its task.

  get source(): Task["source"] {
    return this.task.source;
  }

  get options(): Task["options"] {
    return this.task.options;
  }

  /** The same for the changed task. */
  changedBy(change: Change): Submitting {
    return new Submitting(
      { name: this.fn.name, fn: this.fn },
      () => change(this.task),
      this.#submit,
    );
  }
}
