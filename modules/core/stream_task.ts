// How a task is named whose calls are streams: the same function, made into a producer, with a profile of its own.

import { producerOf } from "./serving/producer.ts";
import type { TaskSource } from "./task.ts";
import type { NamedTask } from "./work/work.ts";

/** Items that are made before anybody has read one; more of them later, where the reader is fast (stream_work.ts). */
const DEFAULT_BUFFER = 32;

const streams = new WeakMap<NamedTask, NamedTask>();
/** By what is made ahead, for a task may be streamed in several ways. */
const sources = new WeakMap<TaskSource, Map<number, TaskSource>>();

/** The task as it is called for its items; the same object each time. */
export function asStream(task: NamedTask): NamedTask {
  let stream = streams.get(task);
  if (stream === undefined) {
    const { source, options } = task;
    stream = { source: streamSource(source, options.buffer ?? DEFAULT_BUFFER), options };
    streams.set(task, stream);
  }
  return stream;
}

function streamSource(source: TaskSource, ahead: number): TaskSource {
  let known = sources.get(source);
  if (known === undefined) {
    known = new Map();
    sources.set(source, known);
  }
  let stream = known.get(ahead);
  if (stream === undefined) {
    const { module, export: name, fn } = source;
    const producer = fn === undefined ? {} : { fn: producerOf(fn, ahead) };
    stream = { module, export: name, stream: ahead, ...producer };
    known.set(ahead, stream);
  }
  return stream;
}
