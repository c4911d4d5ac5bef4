// LiveFeed: tells each reader what changed, no faster than it reads, and never more than 20 times a second.
//
// A reader has no queue of messages. It has a place in the journal, and one message at a time under way, made of the
// jobs as they are at that moment. A slow reader so gets the latest states, fewer of them, and costs no memory.

import type { SSEStreamingApi } from "hono/streaming";
import type { LiveView } from "./live_view.ts";
import { Problem } from "./problem.ts";
import type { Journal } from "./record/journal.ts";

/** The least pause after each message, in milliseconds: at most 20 messages a second. */
const PAUSE_MS = 50;

/** A message that took long to make is followed by a pause so many times as long: a reader costs a twentieth of a processor at most. */
const PAUSE_SHARE = 19;

/** But by none that is longer than this, in milliseconds: what is seen must go on. */
const LONGEST_PAUSE_MS = 500;

/** An idle stream says something this often, so that a reader who is gone is noticed. */
const HEARTBEAT_MS = 5000;

/** Says no more than that the server is there. Readers are told of no event without data. */
const BEAT = ": still here\nevent: beat\ndata: 0\n\n";

/** Milliseconds after which a browser that lost the stream asks for it again. */
const RETRY_MS = 1000;

/** Streams that may be open at once. A browser opens six to one server at most. */
export const STREAM_LIMIT = 8;

export class LiveFeed {
  readonly #journal: Journal;
  readonly #view: LiveView;
  /** Begins the ids of this start of the server: a number alone would mean another change after the next start. */
  readonly #epoch: string;
  readonly #closing: AbortSignal;
  #open = 0;

  constructor(journal: Journal, view: LiveView, options: { epoch: string; closing: AbortSignal }) {
    this.#journal = journal;
    this.#view = view;
    this.#epoch = options.epoch;
    this.#closing = options.closing;
  }

  /** Refuses a stream too many; before the response has begun, so that it can be told. */
  checkRoom(): void {
    if (this.#open < STREAM_LIMIT) return;
    const detail = `${STREAM_LIMIT} event streams are open already`;
    throw new Problem(429, `Cannot open stream: ${detail}`, { retryAfter: 5 });
  }

  /** Serves one reader, who may know all up to the event `lastId`, until it leaves or the server stops. */
  async serve(stream: SSEStreamingApi, lastId: string | undefined): Promise<void> {
    const reader = new Reader(this.#journal);
    const leave = () => reader.leave();
    stream.onAbort(leave);
    this.#closing.addEventListener("abort", leave);
    if (this.#closing.aborted) leave();
    let known = this.#placeOf(lastId);
    this.#open++;
    let pause: number;
    try {
      do {
        const began = performance.now();
        const changes = known === undefined ? undefined : this.#journal.since(known);
        // Taken before the message is made: what changes meanwhile is told again, and nothing is left out.
        const last = this.#journal.last;
        const sent =
          changes === undefined
            ? this.#send(stream, "snapshot", last, this.#view.snapshot())
            : changes.length > 0
              ? this.#send(stream, "update", last, this.#view.update(changes))
              : // Not a comment, of which a page is told nothing: one that hears nothing at all is to know it.
                stream.write(BEAT);
        const took = performance.now() - began;
        await sent;
        pause = Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, PAUSE_SHARE * took));
        known = last;
      } while ((await reader.pause(pause)) && (await reader.change(known, HEARTBEAT_MS)));
    } finally {
      this.#open--;
      this.#closing.removeEventListener("abort", leave);
    }
  }

  /** The id of the last event: whoever reads everything now is told what comes after it. */
  get lastId(): string {
    return this.#idOf(this.#journal.last);
  }

  #idOf(number: number): string {
    return `${this.#epoch}-${number}`;
  }

  /** Settles when the reader has taken it, or is gone. */
  #send(stream: SSEStreamingApi, event: string, last: number, message: unknown): Promise<void> {
    const id = this.#idOf(last);
    return stream.writeSSE({ id, event, data: JSON.stringify(message), retry: RETRY_MS });
  }

  /** The journal's number that an event's id ends in; of another start of the server, none is known. */
  #placeOf(id: string | undefined): number | undefined {
    const [, epoch, number] = /^(.+)-(\d{1,15})$/.exec(id ?? "") ?? [];
    return epoch === this.#epoch ? Number(number) : undefined;
  }
}

/** One reader's waiting, which ends with the reader. */
class Reader {
  readonly #journal: Journal;
  #left = false;
  #wake: () => void = () => {};

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  leave(): void {
    this.#left = true;
    this.#wake();
  }

  /** Waits, whatever changes meanwhile; false once the reader has left. */
  async pause(ms: number): Promise<boolean> {
    if (!this.#left) await this.#sleep(ms);
    return !this.#left;
  }

  /** Waits for a change after `known`, at most `ms`; false once the reader has left. */
  async change(known: number, ms: number): Promise<boolean> {
    if (this.#left || this.#journal.last > known) return !this.#left;
    using _listening = this.#journal.onChange(() => this.#wake());
    await this.#sleep(ms);
    return !this.#left;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
