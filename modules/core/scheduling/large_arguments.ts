// LargeArguments: notices that calls of one task are given one large argument again and again, which is copied each time.

import { withCode } from "../errors.ts";
import type { ErrorContext } from "../executor.ts";
import type { TaskSource } from "../task.ts";
import type { Work } from "../work/work.ts";

/** Sent so often, nobody minds. */
const OFTEN = 10;

/** So many letters of a text tell it from others: to keep it would keep what calls were given (invariant 8). */
const SAMPLES = 64;

/** Of so many texts is known how often they were sent. */
const MOST_TEXTS = 100;

const MIB = 2 ** 20;

/** What one executor has sent of them. */
export class LargeArguments {
  readonly #report: (error: unknown, about: ErrorContext) => void;
  /** Of each task how often each was sent; undefined once it was told of. */
  readonly #sent = new WeakMap<TaskSource, Sent | undefined>();

  constructor(report: (error: unknown, about: ErrorContext) => void) {
    this.#report = report;
  }

  /**
   * A call is about to be sent with such an argument.
   *
   * @param at Which of its arguments, from 0.
   */
  sending({ terms: { source, name } }: Work, at: number, value: unknown, bytes: number): void {
    if (!this.#sent.has(source)) this.#sent.set(source, new Sent());
    const count = this.#sent.get(source)?.add(value) ?? 0;
    if (count <= OFTEN) return;
    this.#sent.set(source, undefined);
    const told = new Error(
      `Calls of task "${name}" were given the same argument ${count} times (argument ${at + 1}, about ` +
        `${(bytes / MIB).toFixed(1)} MiB), and it was copied each time; if it does not change, share it: ` +
        "const shared = share(value) crosses once to each worker, and the task reads shared.value",
    );
    // In a turn of its own: what listens is the user's, and calls are half sent.
    queueMicrotask(() =>
      this.#report(withCode(told, "CF_LARGE_ARGUMENT"), { kind: "hint", task: name, count }),
    );
  }
}

/** How often each was sent. */
class Sent {
  readonly #objects = new WeakMap<object, number>();
  readonly #texts = new Map<string, number>();

  add(value: unknown): number {
    if (typeof value === "string") {
      if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
      return count(this.#texts, samplesOf(value));
    }
    return typeof value === "object" && value !== null ? count(this.#objects, value) : 0;
  }
}

interface Counts<K> {
  get(key: K): number | undefined;
  set(key: K, count: number): unknown;
}

function count<K>(counts: Counts<K>, key: K): number {
  const times = (counts.get(key) ?? 0) + 1;
  counts.set(key, times);
  return times;
}

function samplesOf(text: string): string {
  const step = text.length / SAMPLES;
  const letters = Array.from({ length: SAMPLES }, (_, n) => text[Math.floor(n * step)]);
  return `${text.length} ${letters.join("")}`;
}
