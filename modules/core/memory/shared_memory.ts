// Shared memory: what host and worker have in common where the platform lets them — claims, three rings, three doorbells.
//
//   words │ claims, one for each call of a window │ controls │ calls: host ──▶ worker │ outcomes: worker ──▶ host │ replies │
//
// Replies are what the host says to the call that runs: they must not stand behind calls that wait for its end. What the call
// says itself stands among the outcomes, which it goes before.
//
// A side that looks into its ring by itself, because it is at work or expects something within microseconds, needs no
// message to be woken. That is what makes a short task's way there and back shorter than a message. One that goes to
// sleep says so first, and looks once more afterwards: whatever was written before it said so is found, and whoever
// writes later rings (Dekker's rule; both sides store before they load).

import { type Bulk, BulkReader, BulkWriter, bulkInMemory, growableBuffers } from "./bulk.ts";
import type { ClaimTable } from "./claims.ts";
import { type RingPlace, RingReader, RingWriter } from "./ring.ts";
import type { SharedWords } from "./shared_words.ts";

/** How many calls a worker may have been sent ahead. A power of two: `seq & (CELLS - 1)` is a call's cell. */
export const CELLS = 4096;

/** Positions that both sides write lie apart by a cache line, or they would slow each other down. */
const CACHE_LINE = 16;
/** Words of a ring: the most calls that are sent at once find room, with an argument or two each, beside `SPARE_WORDS`. */
const RING_WORDS = 4 * CELLS;

const CONTROLS = CELLS;
const CALLS_FROM = CONTROLS + 11 * CACHE_LINE;
const OUTCOMES_FROM = CALLS_FROM + RING_WORDS;
const REPLIES_FROM = OUTCOMES_FROM + RING_WORDS;
/** Words of the ring of replies. What finds no room there goes by a message. */
const REPLY_WORDS = 2048;

/** So many words a value must leave free in its ring: every call of the window may still need a mark. */
export const SPARE_WORDS: number = CELLS;

/** The size in bytes of the memory a channel shares with its worker, if it can. */
export const SHARED_BYTES: number = (REPLIES_FROM + REPLY_WORDS) * Int32Array.BYTES_PER_ELEMENT;

const CALLS: RingPlace = {
  head: CONTROLS,
  tail: CONTROLS + CACHE_LINE,
  from: CALLS_FROM,
  length: RING_WORDS,
};
const OUTCOMES: RingPlace = {
  head: CONTROLS + 2 * CACHE_LINE,
  tail: CONTROLS + 3 * CACHE_LINE,
  from: OUTCOMES_FROM,
  length: RING_WORDS,
};
const WORKER_BELL = CONTROLS + 4 * CACHE_LINE;
const HOST_BELL = CONTROLS + 5 * CACHE_LINE;
/** How far bytes that lie beside the rings were read. */
const CALLS_BULK_TAIL = CONTROLS + 6 * CACHE_LINE;
const OUTCOMES_BULK_TAIL = CONTROLS + 7 * CACHE_LINE;
const REPLIES: RingPlace = {
  head: CONTROLS + 8 * CACHE_LINE,
  tail: CONTROLS + 9 * CACHE_LINE,
  from: REPLIES_FROM,
  length: REPLY_WORDS,
};
const LISTENER_BELL = CONTROLS + 10 * CACHE_LINE;

const OFFERED = 1;
const BEGUN = 2;
const WITHDRAWN = 3;

const ASLEEP = 0;
const AWAKE = 1;
const RUNG = 2;

/** Words in memory that both sides have: there is nothing to show, nor to fetch. */
export class WordsInMemory implements SharedWords {
  readonly words: Int32Array;
  readonly isDirect = true;

  constructor(words: Int32Array) {
    this.words = words;
  }

  load(at: number): number {
    return Atomics.load(this.words, at);
  }

  store(at: number, word: number): void {
    Atomics.store(this.words, at, word);
  }

  exchange(at: number, expected: number, word: number): boolean {
    return Atomics.compareExchange(this.words, at, expected, word) === expected;
  }

  show(): void {}

  fetch(): void {}
}

/** The cells of one worker. The window is never larger than `CELLS`, so a cell is free again when its turn comes. */
export class Claims implements ClaimTable {
  readonly #cells: Int32Array;

  /** @param cells Shared words, of which the first `CELLS` are the cells. */
  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  /** Host: before the call is sent. A plain write: sending makes it visible, and nobody looks before. */
  offer(seq: number): void {
    this.#cells[seq & (CELLS - 1)] = OFFERED;
  }

  /** Worker: takes the call to run it. False: the host has taken it back. */
  begin(seq: number): boolean {
    return Atomics.compareExchange(this.#cells, seq & (CELLS - 1), OFFERED, BEGUN) === OFFERED;
  }

  /** Host: takes the call back. True promises that it will never begin. */
  withdraw(seq: number): boolean {
    return Atomics.compareExchange(this.#cells, seq & (CELLS - 1), OFFERED, WITHDRAWN) === OFFERED;
  }

  /** Host: whether the worker has begun the call. */
  hasBegun(seq: number): boolean {
    return Atomics.load(this.#cells, seq & (CELLS - 1)) === BEGUN;
  }
}

/** Whether a side must be sent a message to look into its ring. */
export class Doorbell {
  readonly #words: SharedWords;
  readonly #at: number;

  constructor(words: SharedWords, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** The side itself: from now on it looks without being told. */
  wake(): void {
    this.#words.store(this.#at, AWAKE);
  }

  /** The side itself: from now on it must be told. It looks once more after this. */
  sleep(): void {
    this.#words.store(this.#at, ASLEEP);
  }

  /** The other side: whether it is awake. */
  get isAwake(): boolean {
    return this.#words.load(this.#at) === AWAKE;
  }

  /** The other side, after it has published: true tells it to send the message that wakes. */
  ring(): boolean {
    // In a file this may write over the other's AWAKE or ASLEEP. It does no harm: the message that follows has the other
    // look, and say anew that it sleeps.
    return this.#words.exchange(this.#at, ASLEEP, RUNG);
  }
}

/** The host's view. */
export interface HostMemory {
  readonly claims: ClaimTable;
  readonly calls: RingWriter;
  readonly outcomes: RingReader;
  /** The host's own bell, and the one it rings. */
  readonly own: Doorbell;
  readonly other: Doorbell;
  readonly replies: RingWriter;
  /** The bell of a call that runs and waits for replies. */
  readonly listener: Doorbell;
}

/** The worker's view. */
export interface WorkerMemory {
  /** As of its words (shared_words.ts). */
  readonly isDirect: boolean;
  readonly claims: Pick<ClaimTable, "begin">;
  readonly calls: RingReader;
  readonly outcomes: RingWriter;
  readonly own: Doorbell;
  readonly other: Doorbell;
  readonly replies: RingReader;
  readonly listener: Doorbell;
}

/** What the two ends of a link have in common, as each end has it. */
export interface SharedMemory<C = ClaimTable> {
  /** `SHARED_BYTES` of it, zeroed: the rings through which small values go, and the claims, unless they lie elsewhere. */
  readonly words?: Int32Array | SharedWords | undefined;
  /** Where bytes lie that are too many for the rings. Without it, the rings carry small values only. */
  readonly bulk?: Bulk | undefined;
  /** The claims on calls that are sent ahead, where they lie elsewhere than in those words. */
  readonly claims?: C | undefined;
}

/** The same as it crosses to a thread. */
export interface ThreadMemory {
  readonly words: SharedArrayBuffer;
  readonly bulk: ReturnType<typeof growableBuffers>;
}

/** Makes memory for a thread. */
export function threadMemory(): ThreadMemory {
  return { words: new SharedArrayBuffer(SHARED_BYTES), bulk: growableBuffers() };
}

/** What either end has in a thread's memory. */
export function sharedByThreads({ words, bulk }: ThreadMemory): SharedMemory {
  return { words: new Int32Array(words), bulk: bulk && bulkInMemory(bulk) };
}

/** Makes the host's view of a link's memory, if that has words. */
export function hostMemory(memory: SharedMemory | undefined): HostMemory | undefined {
  if (memory?.words === undefined) return undefined;
  const { bulk, claims } = memory;
  const words = wordsOf(memory.words);
  const calls = bulk && new BulkWriter(bulk.calls, words, CALLS_BULK_TAIL);
  const outcomes = bulk && new BulkReader(bulk.outcomes, words, OUTCOMES_BULK_TAIL);
  return {
    claims: claims ?? new Claims(words.words),
    calls: new RingWriter(words, CALLS, calls),
    outcomes: new RingReader(words, OUTCOMES, outcomes),
    own: new Doorbell(words, HOST_BELL),
    other: new Doorbell(words, WORKER_BELL),
    replies: new RingWriter(words, REPLIES),
    listener: new Doorbell(words, LISTENER_BELL),
  };
}

/** Makes the worker's view of the same memory. */
export function workerMemory(
  memory: SharedMemory<Pick<ClaimTable, "begin">> | undefined,
): WorkerMemory | undefined {
  if (memory?.words === undefined) return undefined;
  const { bulk, claims } = memory;
  const words = wordsOf(memory.words);
  const calls = bulk && new BulkReader(bulk.calls, words, CALLS_BULK_TAIL);
  const outcomes = bulk && new BulkWriter(bulk.outcomes, words, OUTCOMES_BULK_TAIL);
  return {
    isDirect: words.isDirect,
    claims: claims ?? new Claims(words.words),
    calls: new RingReader(words, CALLS, calls),
    outcomes: new RingWriter(words, OUTCOMES, outcomes),
    own: new Doorbell(words, WORKER_BELL),
    other: new Doorbell(words, HOST_BELL),
    replies: new RingReader(words, REPLIES),
    listener: new Doorbell(words, LISTENER_BELL),
  };
}

function wordsOf(given: Int32Array | SharedWords): SharedWords {
  const words = given instanceof Int32Array ? new WordsInMemory(given) : given;
  const { byteLength } = words.words;
  if (byteLength === SHARED_BYTES) return words;
  throw new RangeError(`Cannot share memory: expected ${SHARED_BYTES} bytes, got ${byteLength}`);
}
