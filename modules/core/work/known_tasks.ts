// KnownTasks: the terms of each task, the same object each time, and what has been learnt of its duration.

import type { TaskSource } from "../task.ts";
import { type NamedTask, Profile, Terms } from "./work.ts";

/** The tasks that one executor has been given. */
export class KnownTasks {
  readonly #terms = new WeakMap<NamedTask, Terms>();
  readonly #profiles = new WeakMap<TaskSource, Profile>();
  readonly #onAffinity: (() => void) | undefined;
  readonly #isUntimed: boolean;
  #last: NamedTask | undefined = undefined;
  #lastTerms: Terms | undefined = undefined;

  /**
   * @param onAffinity Told when a task is found that has an affinity.
   * @param isUntimed Whether no task has a clock, whatever it says.
   */
  constructor(onAffinity?: () => void, isUntimed = false) {
    this.#onAffinity = onAffinity;
    this.#isUntimed = isUntimed;
  }

  termsOf(task: NamedTask): Terms {
    // Nearly always the task is the one before.
    if (task === this.#last) return this.#lastTerms as Terms;
    const terms = this.#find(task);
    this.#last = task;
    this.#lastTerms = terms;
    return terms;
  }

  #find(task: NamedTask): Terms {
    const { source } = task;
    const options = this.#isUntimed ? withoutClocks(task.options) : task.options;
    // A function that is no task is named anew each time, and nothing is sent ahead to it: there is nothing to find again.
    if (source.module === "") return new Terms(source, options, new Profile());
    let terms = this.#terms.get(task);
    if (terms === undefined) {
      if (options.affinity !== undefined) this.#onAffinity?.();
      terms = new Terms(source, options, this.#profileOf(source));
      this.#terms.set(task, terms);
    }
    return terms;
  }

  /** What is known of a task's duration; the same for every way of naming it. */
  #profileOf(source: TaskSource): Profile {
    let profile = this.#profiles.get(source);
    if (profile === undefined) {
      profile = new Profile();
      this.#profiles.set(source, profile);
    }
    return profile;
  }
}

/** A task's options but for those that a clock keeps. */
function withoutClocks(options: NamedTask["options"]): NamedTask["options"] {
  const { timeout, itemTimeout, ...rest } = options;
  return rest;
}
