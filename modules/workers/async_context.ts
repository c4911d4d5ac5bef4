// How the async context of a moment is kept where there is `AsyncLocalStorage`. An entry imports it for what it does; it
// looks for nothing before the first context is to be kept.

import { type Enter, findContextsBy } from "../core/async_context.ts";

/** What of a platform may know async contexts. */
export interface ContextRealm {
  /** The proposal for the language. */
  readonly AsyncContext?: { readonly Snapshot: new () => { run: SnapshotCall } };
  /** Some edge runtimes have it as a global. */
  readonly AsyncLocalStorage?: { snapshot(): SnapshotCall };
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Bun?: unknown;
}

type SnapshotCall = <A, R>(call: (argument: A) => R, argument: A) => R;

interface AsyncHooks {
  readonly AsyncLocalStorage?: { snapshot(): SnapshotCall };
  readonly AsyncResource?: new (
    type: string,
    options: { requireManualDestroy: boolean },
  ) => {
    runInAsyncScope<A, R>(call: (argument: A) => R, self: unknown, argument: A): R;
  };
}

const TYPE = "@concurrent/futures";

/** Finds how contexts are kept here; undefined where there are none. */
export function findContexts(realm: ContextRealm): (() => Enter) | undefined {
  const { AsyncContext } = realm;
  if (AsyncContext !== undefined) {
    return () => {
      const snapshot = new AsyncContext.Snapshot();
      return (call, argument) => snapshot.run(call, argument);
    };
  }
  const hooks = asyncHooks(realm);
  // Node takes fifty times as long for a snapshot as for a resource, Deno twice as long; Bun's promises become slower once
  // there is a resource, and no slower by a snapshot.
  const { AsyncResource } = hooks;
  if (AsyncResource !== undefined && realm.Bun === undefined) {
    return () => {
      const resource = new AsyncResource(TYPE, { requireManualDestroy: true });
      return (call, argument) => resource.runInAsyncScope(call, undefined, argument);
    };
  }
  const storage = hooks.AsyncLocalStorage ?? realm.AsyncLocalStorage;
  return storage === undefined ? undefined : () => storage.snapshot();
}

/** A page may have a `process` that a bundler has made up. */
function asyncHooks({ process }: ContextRealm): AsyncHooks {
  const found = process?.getBuiltinModule?.("node:async_hooks");
  return (found as AsyncHooks | undefined) ?? {};
}

findContextsBy(() => findContexts(globalThis as ContextRealm));
