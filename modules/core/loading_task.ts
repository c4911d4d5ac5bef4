// How a task is named of which a worker is only to load the module: to be warm before its first call.

import type { TaskSource } from "./task.ts";
import type { NamedTask } from "./work/work.ts";

const sources = new WeakMap<TaskSource, NamedTask>();

/** The task whose call loads the module of another; undefined where there is none to load. */
export function asLoading({ source }: NamedTask): NamedTask | undefined {
  if (source.module === "") return undefined;
  let loading = sources.get(source);
  if (loading === undefined) {
    const { module, export: name } = source;
    loading = { source: { module, export: name, does: "load" }, options: { name: `load ${name}` } };
    sources.set(source, loading);
  }
  return loading;
}
