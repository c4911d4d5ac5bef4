// Writes to standard output in order, many pieces at a time, and tells when they have arrived.

import { Buffer } from "node:buffer";
import { write } from "node:fs";

/** Text, or bytes as they are. */
export type Piece = string | Uint8Array;

/** So much is written at once. */
const CHUNK = 1 << 20;

/** Whoever shares our output may have made it one that says "later" (EAGAIN): then it is asked again after a while. */
const RETRY_MS = 5;

/** What a writer tells its owner. */
export interface WriterEvents {
  /** Before bytes go out, and when all are out: a live view steps aside in between. */
  onBusy?(): void;
  onIdle?(): void;
  /** Nothing can be written any more. */
  onError(error: NodeJS.ErrnoException): void;
}

/** An output that is written to through a queue. Not a stream: those of Node block the event loop when a pipe is full. */
export class FileWriter {
  readonly #fd: number;
  readonly #events: WriterEvents;
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #accepted = 0;
  #arrived = 0;
  #isWriting = false;
  #error: Error | undefined = undefined;
  /** Those who wait, in order. */
  readonly #waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  constructor(fd: number, events: WriterEvents) {
    this.#fd = fd;
    this.#events = events;
  }

  /** About how many bytes have not arrived. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Adds a piece to the queue. */
  write(piece: Piece): void {
    if (this.#error !== undefined || piece.length === 0) return;
    this.#queue.push(piece);
    this.#queuedBytes += piece.length;
    this.#accepted++;
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#events.onBusy?.();
    void this.#drain();
  }

  /** Resolves when all that was added so far has arrived; never, if that has become impossible. */
  flushed(): Promise<void> {
    if (this.#arrived === this.#accepted && this.#error === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: this.#accepted, resolve }));
  }

  async #drain(): Promise<void> {
    // In the next turn: what comes meanwhile goes out with it.
    await undefined;
    while (this.#queue.length > 0) {
      const { bytes, count } = this.#takeChunk();
      try {
        await writeAll(this.#fd, bytes);
      } catch (error) {
        this.#error = error as Error;
        this.#queue = [];
        this.#events.onError(error as NodeJS.ErrnoException);
        return;
      }
      this.#arrived += count;
      while ((this.#waiting[0]?.until ?? Number.POSITIVE_INFINITY) <= this.#arrived)
        this.#waiting.shift()?.resolve();
    }
    this.#isWriting = false;
    this.#events.onIdle?.();
  }

  #takeChunk(): { bytes: Uint8Array; count: number } {
    let count = 0;
    let size = 0;
    while (count < this.#queue.length && (count === 0 || size < CHUNK))
      size += (this.#queue[count++] as Piece).length;
    const pieces = this.#queue.splice(0, count);
    this.#queuedBytes -= size;
    if (pieces.every((piece) => typeof piece === "string"))
      return { bytes: Buffer.from(pieces.join("")), count };
    return { bytes: Buffer.concat(pieces.map(toBytes)), count };
  }
}

/** The bytes of a piece. */
export function toBytes(piece: Piece): Uint8Array {
  return typeof piece === "string" ? Buffer.from(piece) : piece;
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const written = await writeSome(fd, bytes, at);
    if (written === 0) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    at += written;
  }
}

function writeSome(fd: number, bytes: Uint8Array, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, at, bytes.length - at, null, (error, written) => {
      if (error === null || error === undefined) resolve(written);
      else if (error.code === "EAGAIN") resolve(0);
      else reject(error);
    });
  });
}
