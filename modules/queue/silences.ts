// Silences: leaves connections on which the other end has said nothing for too long, though it was asked.
//
// ioredis has a clock for that (`socketTimeout`), which it sets and clears with each piece of data, beside a listener that it adds
// and takes away: for a short job that was a tenth of an agent's time. Here one clock looks at what each socket has counted.

import type { Redis } from "ioredis";

/** Milliseconds a server has to answer: BullMQ waits for a job for 10 s at most, and then asks anew. */
const ANSWER_MS = 12_000;
/** Milliseconds between looks: with the time to answer no more than 15 s. */
const LOOK_MS = 2500;

/** What of a client's socket is looked at. */
interface Counting {
  readonly bytesRead: number;
  destroy(error: Error): void;
}

/** What was seen of a client. */
interface Seen {
  stream: Counting | undefined;
  bytes: number;
  /** Since when it owes an answer, and has sent nothing. */
  since: number;
}

/** Looks after clients until they have ended. */
export class Silences {
  readonly #seen = new Map<Redis, Seen>();
  #timer: ReturnType<typeof setInterval> | undefined = undefined;

  add(client: Redis): void {
    this.#seen.set(client, { stream: undefined, bytes: 0, since: 0 });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  delete(client: Redis): void {
    this.#seen.delete(client);
    if (this.#seen.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const [client, seen] of this.#seen) {
      const { stream } = client as unknown as { stream?: Counting };
      const bytes = stream?.bytesRead ?? 0;
      const isSilent = stream === seen.stream && bytes === seen.bytes && isAsked(client);
      if (!isSilent) {
        Object.assign(seen, { stream, bytes, since: now });
        continue;
      }
      if (now - seen.since < ANSWER_MS) continue;
      stream?.destroy(new Error(`The server has not answered for ${ANSWER_MS} ms`));
    }
  }
}

function isAsked(client: Redis): boolean {
  const { commandQueue } = client as unknown as { commandQueue?: { readonly length: number } };
  return (commandQueue?.length ?? 0) > 0;
}
