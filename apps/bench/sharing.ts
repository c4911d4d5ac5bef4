// Tasks that share what the host keeps, for the executors of ours that have it.

import type { Shared } from "@concurrent/futures";
import type { Channel, Lock, Semaphore } from "@concurrent/futures/sync";

/** Acquires and gives back so many times; microseconds for each. */
export async function acquire(shared: Lock | Semaphore, times: number): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < times; n++) (await shared.acquire()).release();
  return ((performance.now() - start) * 1000) / times;
}

/** Answers each number by the next, and asks for more before its answer has arrived. */
export async function answer(questions: Channel<number>, answers: Channel<number>): Promise<void> {
  let next = questions.receive();
  for (let question = await next; !question.done; question = await next) {
    const sent = answers.send(question.value + 1);
    next = questions.receive();
    await sent;
  }
}

/** Finds what a map has under a key. */
export function lookIn(map: Map<string, number>, key: string): number | undefined {
  return map.get(key);
}

export function lookInShared({ value }: Shared<Map<string, number>>, key: string) {
  return value.get(key);
}

/** An actor of the least work there is. */
export class Incrementer {
  increment(n: number): number {
    return n + 1;
  }
}
