// Claims in a file that host and worker have open: for processes that cannot map one (file_memory.ts).
//
// | call | word of the worker | word of the host | call | word of the worker | …
//
// There is no compare-and-exchange on a file. Each side writes its own word first and reads the other's afterwards, so of
// two at the same time at least one sees the other (Dekker's rule). Who sees the other is not yet the one who has lost:
// that the host decides, and says so. The worker waits for its word.
//
//   worker: BEGUN, then reads the host's: nothing ─▶ runs it · INTENT ─▶ waits · WON ─▶ skips it · LOST ─▶ runs it
//   host:   INTENT, then reads the worker's: nothing ─▶ WON · BEGUN ─▶ LOST
//
// A word holds the number of the round as well, for each place is used again every `CELLS` calls: words of earlier rounds
// say nothing, and need not be wiped out. A look costs about a microsecond, a claim two.

import type { ClaimTable } from "../../core/memory/claims.ts";
import { CELLS } from "../../core/memory/shared_memory.ts";

const WORD = 4;
/** How many bytes of a file they take, from its beginning. */
export const CLAIMS_BYTES: number = 2 * WORD * CELLS;

const BEGUN = 1;
const INTENT = 1;
const WON = 2;
const LOST = 3;
/** Bits of a word below the round's number. */
const STATE_BITS = 2;
const STATE_MASK = 3;

/** How long the worker sleeps while the host decides, in milliseconds: it does so in the middle of a function. */
const DECIDES_MS = 0.05;

/** The part of `node:fs` used here. */
export type Files = Pick<typeof import("node:fs"), "readSync" | "writeSync">;

/** Either side's view of the file. */
export class FileClaims implements ClaimTable {
  readonly #files: Files;
  readonly #file: number;
  /** Host: the places that hold a word of ours. */
  readonly #decided = new Set<number>();
  readonly #word = new Int32Array(1);
  readonly #bytes = new Uint8Array(this.#word.buffer);

  /** @param file The descriptor of the open file. */
  constructor(files: Files, file: number) {
    this.#files = files;
    this.#file = file;
  }

  /** Host: before the call is sent. What lies in its place is of an earlier round, or of a call that was never sent. */
  offer(seq: number): void {
    const place = placeOf(seq);
    if (this.#decided.delete(place)) this.#write(place + WORD, 0);
  }

  /** Worker: takes the call to run it. False: the host has taken it back. */
  begin(seq: number): boolean {
    const round = roundOf(seq);
    this.#write(placeOf(seq), round | BEGUN);
    for (;;) {
      const word = this.#read(placeOf(seq) + WORD);
      if ((word & ~STATE_MASK) !== round) return true;
      const state = word & STATE_MASK;
      if (state !== INTENT) return state === LOST;
      Atomics.wait(NEVER, 0, 0, DECIDES_MS);
    }
  }

  /** Host: takes the call back. True promises that it will never begin. */
  withdraw(seq: number): boolean {
    const round = roundOf(seq);
    const place = placeOf(seq);
    this.#decided.add(place);
    this.#write(place + WORD, round | INTENT);
    const hasBegun = this.hasBegun(seq);
    this.#write(place + WORD, round | (hasBegun ? LOST : WON));
    return !hasBegun;
  }

  /** Host: whether the worker has begun the call. */
  hasBegun(seq: number): boolean {
    // A worker goes in order: one that is in a later round has begun, or passed, what was in this place before.
    return this.#read(placeOf(seq)) >= (roundOf(seq) | BEGUN);
  }

  #write(at: number, word: number): void {
    this.#word[0] = word;
    this.#files.writeSync(this.#file, this.#bytes, 0, WORD, at);
  }

  #read(at: number): number {
    this.#files.readSync(this.#file, this.#bytes, 0, WORD, at);
    return this.#word[0] as number;
  }
}

const NEVER = new Int32Array(new SharedArrayBuffer(WORD));

function placeOf(seq: number): number {
  return 2 * WORD * (seq % CELLS);
}

/** From 1, so that a place that was never used is of no round. */
function roundOf(seq: number): number {
  return (Math.floor(seq / CELLS) + 1) << STATE_BITS;
}
