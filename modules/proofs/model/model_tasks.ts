// ModelTasks: what the calls of the model do, each kind in its way; some are held until a deed lets them go on.

import { type Task, task, taskContext } from "../../../mod.ts";
import { errorFor, valueFor } from "./calls.ts";
import type { TaskKind } from "./deeds.ts";
import type { ModelWorker } from "./model_worker.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** A task that is held until the test lets it go on. */
interface Held {
  readonly id: number;
  readonly worker: ModelWorker;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The tasks of one model. */
export class ModelTasks {
  readonly #clock: VirtualClock;
  readonly #begin: (id: number) => void;
  readonly #tell: (what: string) => void;
  readonly #tasks = new Map<TaskKind, Task<[number], unknown>>();
  readonly #held: Held[] = [];

  /**
   * @param begin Told of each call that begins; what it throws, the call throws.
   * @param tell Told what was done.
   */
  constructor(clock: VirtualClock, begin: (id: number) => void, tell: (what: string) => void) {
    this.#clock = clock;
    this.#begin = begin;
    this.#tell = tell;
  }

  /** One task for each kind: what is learnt of it decides how many are sent ahead. */
  of(kind: TaskKind): Task<[number], unknown> {
    const known = this.#tasks.get(kind) ?? this.#makeTask(kind);
    this.#tasks.set(kind, known);
    return known;
  }

  /** The function behind a kind of task; named, so that it can have options. */
  #makeTask(kind: TaskKind): Task<[number], unknown> {
    const begin = this.#begin;
    const hold = (id: number) => this.#hold(id);
    switch (kind) {
      case "short":
        return task(import.meta.url, function short(id: number) {
          begin(id);
          return valueFor(id);
        });
      case "moody":
        // One task, short as a rule: several are sent ahead, and now and then one of them holds the others up.
        return task(import.meta.url, function moody(id: number): unknown {
          begin(id);
          return id % 7 === 3 ? hold(id) : valueFor(id);
        });
      case "throws":
        return task(import.meta.url, function throws(id: number): unknown {
          begin(id);
          throw errorFor(id);
        });
      case "held":
        return task(import.meta.url, function held(id: number): unknown {
          begin(id);
          return hold(id);
        });
      case "polite":
        return task(import.meta.url, function polite(id: number): unknown {
          begin(id);
          const { signal } = taskContext();
          const held = hold(id);
          return new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
            held.then(resolve, reject);
          });
        });
      default:
        return kind satisfies never;
    }
  }

  /** Lets one go on that is held, to its value or, now and then, to its error. */
  letGo(which: number): void {
    const count = this.#held.length || 1;
    const [held] = this.#held.splice(which % count, 1);
    if (held === undefined) return;
    const fails = Math.floor(which / count) % 5 === 0;
    this.#tell(`let ${held.id} ${fails ? "fail" : "finish"}`);
    held.worker.run(() => {
      if (fails) held.reject(errorFor(held.id));
      else held.resolve(valueFor(held.id));
    });
  }

  /** Lets all go on. */
  async letEverythingGo(): Promise<void> {
    for (const held of this.#held.splice(0)) {
      held.worker.run(() => held.resolve(valueFor(held.id)));
      // What its worker begins next must count as that worker's, and not as the next one's of this loop.
      await this.#clock.settle();
    }
  }

  #hold(id: number): Promise<unknown> {
    const worker = this.#clock.owner as ModelWorker;
    return new Promise((resolve, reject) => {
      this.#held.push({ id, worker, resolve, reject });
    });
  }
}
