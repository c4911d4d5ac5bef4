// Actor: an object in a worker that is its own, whose methods are called from here.

import { CancelledError, InvalidStateError, WorkerLostError } from "./errors.ts";
import type { Future } from "./future.ts";
import { actorCall } from "./serving/actor_seat.ts";
import type { TaskOptions } from "./task.ts";
import type { AnyFunction, TaskSource } from "./task_source.ts";
import type { NamedTask } from "./work/work.ts";

/** A class by its name, as `importTasks` makes it of one that a module exports. */
export interface TaskOfClass<A extends unknown[], T> {
  /** Carries the arguments of its constructor, and what that makes; never set. */
  readonly types: new (
    ...args: A
  ) => T;
  /** The same class with options, which are those of its constructor and of each method; see `Task.with`. */
  with(options: TaskOptions<A>): TaskOfClass<A, T>;
}

/**
 * An object in a worker of its own: what `PoolExecutor.actor` makes. Each method of its class is one here that answers a future.
 *
 * Its methods run one after another in the order of the calls, each to its end, also across what it awaits. Those that are
 * called as what all objects are asked for (`then`, `toString`, `toJSON`, `valueOf`) are not reached.
 *
 * @typeParam T What the class makes.
 */
export type Actor<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown
    ? K extends string
      ? Exclude<K, "then" | "constructor" | "toString" | "toJSON" | "valueOf">
      : never
    : never]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Future<Awaited<R>>
    : never;
} & AsyncDisposable;

/** What an actor is called through. */
export interface ActorSeat {
  /** Has something done where the actor is. */
  call(task: NamedTask, args: unknown[]): Future<unknown>;
  /** The same of the last thing; undefined where nobody is left for it. */
  end(task: NamedTask): Future<unknown> | undefined;
  /** The worker is everybody's again. */
  leave(): void;
}

/** An actor that nobody has any more is ended, behind all that it was called for. */
const collected = new FinalizationRegistry<ActorLife>((life) => void life.end().catch(() => {}));

/** What an actor's class is called by: for its constructor, its methods, its end. */
export class ActorClass {
  readonly #name: string;
  readonly #task: NamedTask;
  readonly #sources: Map<string, TaskSource>;

  /** @param task The class; one that has no module is made here. */
  constructor(task: NamedTask) {
    const { source, options } = task;
    this.#task = task;
    this.#name = options.name ?? source.export;
    this.#sources = source.module === "" ? new Map() : sourcesOf(source);
  }

  get name(): string {
    return this.#name;
  }

  get making(): NamedTask {
    return this.#named("new", `new ${this.#name}`);
  }

  get ending(): NamedTask {
    return { source: this.#source("end"), options: { name: `end ${this.#name}` } };
  }

  method(name: string): NamedTask {
    return this.#named(`.${name}`, `${this.#name}.${name}`);
  }

  #named(does: NonNullable<TaskSource["does"]>, name: string): NamedTask {
    return { source: this.#source(does), options: { ...this.#task.options, name } };
  }

  #source(does: NonNullable<TaskSource["does"]>): TaskSource {
    let source = this.#sources.get(does);
    if (source === undefined) {
      const { module, export: name, fn } = this.#task.source;
      const isHere = module === "" && fn !== undefined;
      const own = isHere ? { fn: actorCall(fn as AnyFunction, does, this) } : {};
      source = { module, export: name, does, ...own };
      this.#sources.set(does, source);
    }
    return source;
  }
}

/** One object for each place and use, so that a worker that has had an actor of a class knows it. */
const sources = new WeakMap<TaskSource, Map<string, TaskSource>>();

function sourcesOf(source: TaskSource): Map<string, TaskSource> {
  let known = sources.get(source);
  if (known === undefined) {
    known = new Map();
    sources.set(source, known);
  }
  return known;
}

/** Makes the face of an actor that has been made. */
export function actorOf<T>(of: ActorClass, seat: ActorSeat): Actor<T> {
  const life = new ActorLife(of, seat);
  const methods = new Map<string, (...args: unknown[]) => Future<unknown>>();
  const face: Actor<T> = new Proxy(Object.create(null), {
    get(_target, key) {
      if (key === Symbol.asyncDispose) return () => life.end();
      if (key === "toString") return () => `[actor ${of.name}]`;
      if (typeof key === "symbol" || LOCAL.has(key)) return undefined;
      let method = methods.get(key);
      if (method === undefined) {
        const task = of.method(key);
        // Whoever has a method has the actor.
        method = (...args) => life.call(face, task, args);
        methods.set(key, method);
      }
      return method;
    },
  });
  collected.register(face, life);
  return face;
}

/** Asked for by whoever looks at an object, awaits it, or writes it down. */
const LOCAL: ReadonlySet<string> = new Set([
  "then",
  "constructor",
  "toJSON",
  "valueOf",
  "__proto__",
]);

/** What is left of an actor when nobody has it any more: it knows nothing of its face. */
class ActorLife {
  readonly #of: ActorClass;
  readonly #seat: ActorSeat;
  #ended: Promise<void> | undefined = undefined;

  constructor(of: ActorClass, seat: ActorSeat) {
    this.#of = of;
    this.#seat = seat;
  }

  call(_face: object, task: NamedTask, args: unknown[]): Future<unknown> {
    if (this.#ended === undefined) return this.#seat.call(task, args);
    throw new InvalidStateError(`Cannot call ${task.options.name}: the actor was disposed of`);
  }

  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    try {
      await this.#seat.end(this.#of.ending);
    } catch (error) {
      // A worker that is gone has taken the actor along: there is nothing left to end.
      if (!(error instanceof WorkerLostError || error instanceof CancelledError)) throw error;
    } finally {
      this.#seat.leave();
    }
  }
}
