// KeptResults: for how long an agent has the server keep the results of a queue.
//
// Whenever a job is done BullMQ forgets all results that are older than *that job's* age: one that is to be kept for a second
// would have those forgotten that are to be kept for an hour. So an agent gives each job the longest age that any job of
// the queue was given lately, by whichever agent; each tells the others of an age before it first uses it.

import type { Redis } from "ioredis";
import type { QueueKeys } from "../job.ts";
import { BEAT_MS } from "../registry.ts";

/** Nothing younger than so many seconds is forgotten: by then each agent has heard of the age that another one has begun to use. */
const LEAST_S = (2 * BEAT_MS) / 1000;

/** An age counts for so long after its last results are gone, in ms: it need not be told for each job, and clocks may differ. */
const AHEAD_MS = 86_400_000;

/** So many ages are read: more than there are. */
const MOST_AGES = 1000;

/** The ages of one queue's results, in seconds. */
export class KeptResults {
  readonly #client: Redis;
  readonly #key: string;
  /** Until when each counts, as this agent has told it. */
  readonly #told = new Map<number, number>();
  /** The longest that others have told. */
  #longest = 0;

  constructor(client: Redis, keys: QueueKeys) {
    this.#client = client;
    this.#key = keys.ages;
  }

  /** Hears what others have told; to be called in every beat. */
  async refresh(): Promise<void> {
    const now = Date.now();
    await this.#client.zremrangebyscore(this.#key, "-inf", now);
    const ages = await this.#client.zrevrange(this.#key, 0, MOST_AGES - 1);
    this.#longest = Math.max(0, ...ages.map(Number).filter(Number.isFinite));
    for (const [age, until] of this.#told) if (until <= now) this.#told.delete(age);
  }

  /**
   * The age to give a job that is to be kept for so many seconds; the others know of that before a promise of it resolves. Of most
   * jobs they know already.
   */
  ageFor(asked: number): number | Promise<number> {
    // Whoever may submit could ask for another age with each job; of powers of two there are few.
    const own = 2 ** Math.ceil(Math.log2(asked));
    const ends = Date.now() + own * 1000;
    return (this.#told.get(own) ?? 0) < ends ? this.#tell(own, ends) : this.#age;
  }

  async #tell(own: number, ends: number): Promise<number> {
    const until = ends + AHEAD_MS;
    await this.#client.zadd(this.#key, "GT", until, String(own));
    this.#told.set(own, until);
    return this.#age;
  }

  get #age(): number {
    let age = Math.max(LEAST_S, this.#longest);
    for (const told of this.#told.keys()) age = Math.max(age, told);
    return age;
  }
}
