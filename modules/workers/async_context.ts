// How the async context of a moment is kept where there is `AsyncLocalStorage`. An entry imports it for what it does; it
// looks for nothing before the first context is to be kept.

import {
  type CallersContext,
  type Contexts,
  type Deliver,
  findContextsBy,
  type RunningCall,
} from "../core/async_context.ts";
import { type Marks, runtime } from "../core/brand.ts";

/** What of a platform may know async contexts. */
export interface ContextRealm {
  /** The proposal for the language. */
  readonly AsyncContext?: {
    readonly Snapshot: new () => { run: SnapshotCall };
    readonly Variable: new <T>() => { run<R>(value: T, action: () => R): R; get(): T | undefined };
  };
  /** Some edge runtimes have it as a global. */
  readonly AsyncLocalStorage?: StorageClass;
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Deno?: unknown;
}

type SnapshotCall = <A, R>(call: (argument: A) => R, argument: A) => R;

interface Storage<T> {
  run<R>(value: T, action: () => R): R;
  getStore(): T | undefined;
}

interface StorageClass {
  new <T>(): Storage<T>;
  snapshot(): SnapshotCall;
}

interface AsyncHooks {
  readonly AsyncLocalStorage?: StorageClass;
  readonly AsyncResource?: AsyncResourceClass;
}

type AsyncResourceClass = new (
  type: string,
  options: { requireManualDestroy: boolean },
) => {
  runInAsyncScope<A, R>(call: (argument: A) => R, self: unknown, argument: A): R;
};

const TYPE = "@concurrent/futures";
/** Nobody is told of the end of one, so nobody need watch for it. */
const UNWATCHED = { requireManualDestroy: true };

/** Finds how contexts are kept here; undefined where there are none. */
export function findContexts(realm: ContextRealm): Contexts | undefined {
  const { AsyncContext } = realm;
  if (AsyncContext !== undefined) {
    const variable = new AsyncContext.Variable<RunningCall>();
    return {
      marks: {
        run: (mark, action) => variable.run(mark, action),
        current: () => variable.get(),
      },
      keep() {
        const snapshot = new AsyncContext.Snapshot();
        return (call, argument) => snapshot.run(call, argument);
      },
    };
  }
  const { AsyncResource, AsyncLocalStorage = realm.AsyncLocalStorage } = asyncHooks(realm);
  // A snapshot takes twice as long as a resource on Bun and Deno, and twenty times as long on Node.
  const marks = AsyncLocalStorage && marksIn(new AsyncLocalStorage<RunningCall>());
  if (AsyncResource !== undefined)
    return { ...byResources(AsyncResource, realm.Deno === undefined), marks };
  if (AsyncLocalStorage === undefined) return undefined;
  return { keep: () => AsyncLocalStorage.snapshot(), marks };
}

function marksIn(storage: Storage<RunningCall>): Marks<RunningCall> {
  return {
    run: (mark, action) => storage.run(mark, action),
    current: () => storage.getStore(),
  };
}

/** On Deno a resource takes three times as long as a reaction to a promise, elsewhere a third of the time. */
function byResources(AsyncResource: AsyncResourceClass, areQuick: boolean): Contexts {
  const keep: Contexts["keep"] = () => {
    const resource = new AsyncResource(TYPE, UNWATCHED);
    return (call, argument) => resource.runInAsyncScope(call, undefined, argument);
  };
  if (!areQuick) return { keep };
  // One object for a call, and no more: of what waits there may be a million.
  class Caller extends AsyncResource implements CallersContext {
    constructor() {
      super(TYPE, UNWATCHED);
    }

    enter(deliver: Deliver): void {
      queueMicrotask(() => this.runInAsyncScope(deliver, undefined, undefined));
    }
  }
  return { keep, Caller };
}

/** A page may have a `process` that a bundler has made up. */
function asyncHooks({ process }: ContextRealm): AsyncHooks {
  const found = process?.getBuiltinModule?.("node:async_hooks");
  return (found as AsyncHooks | undefined) ?? {};
}

findContextsBy(() => findContexts(globalThis as ContextRealm));
runtime.loadPrinting = async () => (await import("./printing.ts")).printingTools();
