// When the next job may start: pauses between starts, and a rate, also for each key by itself.

import { fieldOf, type Job } from "../input/item.ts";

/** So many jobs are read ahead to find one whose key may start. */
const LOOK_AHEAD = 1000;

/** Beyond so many keys, those that nothing waits for are forgotten. */
const MOST_KEYS = 10_000;

/** How jobs are paced. */
export interface PaceOptions {
  /** Milliseconds between any two starts. */
  readonly delay: number;
  /** Milliseconds between two starts of one key. */
  readonly every: number;
  /** The field whose values are the keys; without one, all jobs have the same. */
  readonly key: string | undefined;
}

interface Key {
  /** When one of its jobs may start. */
  dueAt: number;
  readonly jobs: Job[];
}

/** Chooses the next job to start. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #keys = new Map<string, Key>();
  #waiting = 0;
  #freeAt = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Whether every job may start at once. */
  get isFree(): boolean {
    return this.#options.delay === 0 && this.#options.every === 0;
  }

  /** How many jobs were read and wait for their time. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Returns the job to start now, the time to ask again, or undefined if more input has to be awaited.
   *
   * @param take Takes a job from the input, if one is there.
   */
  next(take: () => Job | undefined, now: number): Job | number | undefined {
    if (now < this.#freeAt) return this.#freeAt;
    const job = this.#take(take, now);
    if (job === undefined) return this.#earliest();
    this.#freeAt = now + this.#options.delay;
    return job;
  }

  /** Gives back what waits. */
  clear(): Job[] {
    const jobs = [...this.#keys.values()].flatMap((key) => key.jobs);
    this.#keys.clear();
    this.#waiting = 0;
    return jobs;
  }

  #take(take: () => Job | undefined, now: number): Job | undefined {
    for (const key of this.#keys.values()) {
      if (key.jobs.length === 0 || key.dueAt > now) continue;
      this.#waiting--;
      return this.#start(key.jobs.shift() as Job, key, now);
    }
    const most = this.#options.key === undefined ? 1 : LOOK_AHEAD;
    while (this.#waiting < most) {
      const job = take();
      if (job === undefined) return undefined;
      const key = this.#keyOf(job, now);
      if (key.dueAt <= now) return this.#start(job, key, now);
      key.jobs.push(job);
      this.#waiting++;
    }
    return undefined;
  }

  #start(job: Job, key: Key, now: number): Job {
    // Not from when it was due: what came late does not come in a crowd.
    key.dueAt = now + this.#options.every;
    return job;
  }

  #keyOf(job: Job, now: number): Key {
    const { key } = this.#options;
    const name = key === undefined ? "" : (fieldOf(job.item, key) ?? "");
    let found = this.#keys.get(name);
    if (found === undefined) {
      if (this.#keys.size >= MOST_KEYS) this.#forgetIdle(now);
      found = { dueAt: now, jobs: [] };
      this.#keys.set(name, found);
    }
    return found;
  }

  #forgetIdle(now: number): void {
    for (const [name, { dueAt, jobs }] of this.#keys)
      if (jobs.length === 0 && dueAt <= now) this.#keys.delete(name);
  }

  #earliest(): number | undefined {
    let earliest: number | undefined;
    for (const { dueAt, jobs } of this.#keys.values())
      if (jobs.length > 0) earliest = Math.min(earliest ?? dueAt, dueAt);
    return earliest;
  }
}
