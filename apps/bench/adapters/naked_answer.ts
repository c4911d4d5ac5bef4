// The worker's side of a bare transport: answers each message.

import { TASKS } from "../tasks.ts";
import type { LinkOptions } from "./naked.ts";

/** What an answer consists of: a message, and what of it is moved. */
export type Answer = (message: unknown) => [reply: unknown, moved: ArrayBuffer[]];

const NOTHING: ArrayBuffer[] = [];

/** Chooses the answering function once, so that a message costs nothing but its task. */
export function answerer({ task, batched, moved }: LinkOptions): Answer {
  const run = TASKS[task] as (argument: unknown) => unknown;
  if (batched)
    return (message) => [(message as unknown[]).map((argument) => run(argument)), NOTHING];
  if (!moved) return (message) => [run(message), NOTHING];
  return (message) => {
    const bytes = run(message) as Uint8Array<ArrayBuffer>;
    return [bytes, [bytes.buffer]];
  };
}
