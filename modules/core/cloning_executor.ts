// CloningExecutor: a PoolExecutor whose workers are sent copies. That an argument cannot be copied is an error of the compiler,
// where types can tell; everywhere else it is one of the future.

import type { MapOptions, Mapped, MapResults } from "./executor.ts";
import type { Future } from "./future.ts";
import { PoolExecutor } from "./pool_executor.ts";
import type { Sendable } from "./sendable.ts";
import type { Task } from "./task.ts";

/** What every executor of threads or processes is. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are those of the class it extends
export class CloningExecutor extends PoolExecutor {}

/** Nothing else is there at run time: only types are stricter. */
export interface CloningExecutor {
  /** Submits a call of `task`: see `Executor.submit`. What cannot be cloned is an error of the compiler, where types tell it. */
  submit<A extends unknown[], R, Given extends A = A>(
    task: Task<A, R>,
    ...args: Sendable<Given>
  ): Future<Awaited<R>>;

  /** Calls `task` with each element of `items`: see `Executor.map`. */
  map<T, R, Entries extends boolean = false, Given extends T = T>(
    task: Task<[T], R>,
    items: Sendable<Given[], Iterable<Given> | AsyncIterable<Given>>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, Given, Awaited<R>>>;

  /** Calls `task` with the arguments each element lists: see `Executor.starmap`. */
  starmap<A extends unknown[], R, Entries extends boolean = false, Given extends A = A>(
    task: Task<A, R>,
    items: Sendable<Given, Iterable<Given> | AsyncIterable<Given>>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, Given, Awaited<R>>>;
}
