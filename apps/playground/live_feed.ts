// LiveFeed: tells each reader what changed, no faster than it reads.
//
// A reader has no queue of messages. It has a set of jobs that changed since its last message, and one
// message at a time under way, written from the jobs as they are at that moment. A slow reader so gets the
// latest states, fewer of them, and costs no more memory than the jobs themselves.

import type { SSEStreamingApi } from "hono/streaming";
import { type Batch, Changes } from "./changes.ts";
import type { JobBoard } from "./job_board.ts";
import { rowOf } from "./job_view.ts";
import { Problem } from "./problem.ts";

/** The pause after each message: at most 20 messages a second. */
const PAUSE_MS = 50;

/** An idle stream says something this often, so that a reader who is gone is noticed. */
const HEARTBEAT_MS = 5000;

/** Rows in one message; what is left comes in the next. */
export const ROWS_A_MESSAGE = 200;

/** Streams that may be open at once: every client of a server on loopback is the same machine. */
const STREAM_LIMIT = 16;

/** What is true of all jobs together, sent with every message. */
export interface Overview {
  counts: Record<string, number>;
  executors: unknown[];
}

export class LiveFeed {
  readonly #board: JobBoard;
  readonly #overview: () => Overview;
  readonly #closing: AbortSignal;
  #open = 0;

  constructor(board: JobBoard, overview: () => Overview, closing: AbortSignal) {
    this.#board = board;
    this.#overview = overview;
    this.#closing = closing;
  }

  /** Refuses a stream too many; before the response has begun, so that it can be told. */
  checkRoom(): void {
    if (this.#open < STREAM_LIMIT) return;
    const detail = `${STREAM_LIMIT} event streams are open already`;
    throw new Problem(429, `Cannot open stream: ${detail}`, { retryAfter: 5 });
  }

  /** Serves one reader until it leaves or the server stops. */
  async serve(stream: SSEStreamingApi): Promise<void> {
    this.#open++;
    const changes = new Changes();
    using _listening = this.#board.listen(changes);
    const leave = () => changes.end();
    stream.onAbort(leave);
    this.#closing.addEventListener("abort", leave);
    let id = 0;
    const send = (event: string, { jobs, forgotten }: Batch) => {
      const data = JSON.stringify({ jobs: jobs.map(rowOf), forgotten, ...this.#overview() });
      // Settles when the reader has taken it, or is gone.
      return stream.writeSSE({ id: String(id++), event, data });
    };
    try {
      await send("snapshot", this.#everything());
      while ((await changes.pause(PAUSE_MS)) && (await changes.wait(HEARTBEAT_MS))) {
        if (changes.missed) {
          changes.clear();
          await send("snapshot", this.#everything());
        } else if (changes.empty) {
          await stream.write(": still here\n\n");
        } else {
          await send("update", changes.take(ROWS_A_MESSAGE));
        }
      }
    } finally {
      this.#open--;
      this.#closing.removeEventListener("abort", leave);
    }
  }

  /** What a new reader is told; older jobs it may ask for. */
  #everything(): Batch {
    return { jobs: this.#board.list().slice(0, ROWS_A_MESSAGE), forgotten: [] };
  }
}
