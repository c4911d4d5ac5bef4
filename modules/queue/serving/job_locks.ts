// JobLocks: an agent's locks on its jobs. One that ran out is taken again where nobody has noticed: an agent that was slow, or was
// frozen with its whole machine, is not dead.
//
// BullMQ extends no lock that has run out, refuses the result of a job without one, and takes a job from its agent with the next
// look after that; until then the job is still this agent's.

import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import type { QueueKeys } from "../job.ts";

/** Takes the lock of a job that has none, unless the job was taken from its agent (`stc`, counted up) or is gone. */
const RETAKE = `
if redis.call("EXISTS", KEYS[1]) == 0 then return 0 end
if (redis.call("HGET", KEYS[1], "stc") or "0") ~= ARGV[3] then return 0 end
local token = redis.call("GET", KEYS[2])
if token then return token == ARGV[1] and 1 or 0 end
redis.call("SET", KEYS[2], ARGV[1], "PX", ARGV[2])
return 1
`;

/** What is to be known of a job. */
export type LockedJob = Pick<Job<unknown>, "id" | "token" | "stalledCounter" | "processedOn">;

/** The locks of one agent. */
export class JobLocks {
  readonly #client: Redis;
  readonly #ms: number;

  constructor(client: Redis, ms: number) {
    this.#client = client;
    this.#ms = ms;
  }

  /** Whether a lock may have run out while nothing of this agent ran. */
  isOld({ processedOn = 0 }: LockedJob): boolean {
    // By our clock on both sides: it was told to the server when the job was asked for.
    return Date.now() - processedOn > this.#ms / 2;
  }

  /** Takes a lock again that has run out; false if the job is another's by now. */
  async retake(keys: QueueKeys, { id, token, stalledCounter }: LockedJob): Promise<boolean> {
    const key = keys.job(id as string);
    const stalls = String(stalledCounter ?? 0);
    const ms = String(Math.ceil(this.#ms));
    try {
      const taken = await this.#client.eval(
        RETAKE,
        2,
        key,
        keys.lock(key),
        token ?? "",
        ms,
        stalls,
      );
      return taken === 1;
    } catch {
      // Without the server nobody takes it from us either; what becomes of the job is asked when there is one.
      return true;
    }
  }
}
