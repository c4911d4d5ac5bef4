// JobEvents: reads what BullMQ tells of all jobs of a queue, from a place that is known, so that nothing is missed between.
//
// BullMQ's own reader begins at the end that there is when it happens to connect, parses the results of everybody, tells of no
// gap, and holds the program.

import type { Redis } from "ioredis";
import { isRefusal } from "../connection.ts";

/** So many events are read at once. */
const AT_ONCE = 1000;
/** Milliseconds after which the server answers also when there is nothing. */
const BLOCK_MS = 3000;
/** One that is silent for so much longer is not there any more. */
const SILENCE_MS = 3000;
/** Milliseconds before another attempt after an error that is none of the connection. */
const PAUSE_MS = 250;

const BEGINNING = "0-0";

/** Takes one event: its kind, the job's id, and its other fields, name and value by turns. */
export type TakeEvent = (kind: string, id: string, fields: readonly string[]) => void;

/** Reads one stream. */
export class JobEvents {
  readonly #client: Redis;
  readonly #key: string;
  readonly #take: TakeEvent;
  readonly #failed: (error: unknown) => void;
  /** The last event that was read, or was there at the start. */
  #last = BEGINNING;
  /** What was the last at the time of the check before. */
  #checked = BEGINNING;
  #answeredAt = 0;
  #isClosed = false;

  /** @param failed Is told that the server does not let us read. */
  constructor(client: Redis, key: string, take: TakeEvent, failed: (error: unknown) => void) {
    this.#client = client;
    this.#key = key;
    this.#take = take;
    this.#failed = failed;
  }

  /** Resolves when it is known where to begin: from then on nothing is missed. */
  async start(): Promise<void> {
    this.#last = (await this.end()) ?? BEGINNING;
    this.#checked = this.#last;
    this.#answeredAt = performance.now();
    void this.#read();
  }

  /** The last event there is. */
  async end(): Promise<string | undefined> {
    return idOf(await this.#client.xrevrange(this.#key, "+", "-", "COUNT", 1));
  }

  /** Whether all up to there was read. */
  hasRead(id: string | undefined): boolean {
    return id === undefined || !isBefore(this.#last, id);
  }

  /** A connection of which only one end is left says nothing: it is left. What it was asked is asked on the next one. */
  leaveIfSilent(): void {
    const { length } = this.#client.commandQueue ?? [];
    if (length === 0 || performance.now() - this.#answeredAt < BLOCK_MS + SILENCE_MS) return;
    this.#answeredAt = performance.now();
    this.#client.disconnect(true);
  }

  /**
   * Looks whether events were cut off before they were read. By another connection: ours waits.
   *
   * @returns Whether something may have been missed.
   */
  async hasGap(client: Redis): Promise<boolean> {
    const last = this.#last;
    const first = idOf(await client.xrange(this.#key, "-", "+", "COUNT", 1));
    const since = this.#checked;
    this.#checked = last;
    // A stream without events had some.
    return since !== BEGINNING && (first === undefined || isBefore(since, first));
  }

  /** The server has begun anew if it knows nothing as late as what was read. */
  rewind(end: string | undefined): void {
    if (end !== undefined && !isBefore(end, this.#last)) return;
    this.#last = BEGINNING;
    this.#checked = BEGINNING;
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
  }

  async #read(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const reply = await this.#client.xread(
          "COUNT",
          AT_ONCE,
          "BLOCK",
          BLOCK_MS,
          "STREAMS",
          this.#key,
          this.#last,
        );
        this.#answeredAt = performance.now();
        if (this.#isClosed) return;
        for (const [, entries] of reply ?? []) for (const entry of entries) this.#tell(entry);
      } catch (error) {
        if (this.#isClosed) return;
        if (isRefusal(error)) {
          this.#failed(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  #tell([id, fields]: [id: string, fields: string[]]): void {
    this.#last = id;
    // As BullMQ writes them: the kind first, then the job.
    const [event, kind, jobId, job] = fields;
    if (event !== "event" || jobId !== "jobId") return;
    this.#take(kind as string, job as string, fields);
  }
}

/** The value of a field of an event. */
export function fieldOf(fields: readonly string[], name: string): string | undefined {
  for (let at = 4; at + 1 < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
}

function idOf([entry]: [id: string, fields: string[]][]): string | undefined {
  return entry?.[0];
}

/** Ids are a time and a number. */
function isBefore(one: string, other: string): boolean {
  const [time, number] = one.split("-").map(Number) as [number, number];
  const [otherTime, otherNumber] = other.split("-").map(Number) as [number, number];
  return time < otherTime || (time === otherTime && number < otherNumber);
}
