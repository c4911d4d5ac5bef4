// FastLane: the program's side of a lock that threads may take by themselves: who they are, and whom it has found inside.

import { LockWords } from "./lock_words.ts";
import type { Party } from "./party.ts";

/** The fast lane of one lock. */
export class FastLane {
  readonly words = new LockWords();
  /** Who takes it under which number. */
  readonly #holders = new Map<number, Party>();
  readonly #numbers = new Map<Party, number>();
  /** Up to here all have ended, and of those behind these. */
  #allEnded = 0;
  readonly #ended = new Set<number>();

  /** Who has that number. It takes nothing by itself before it has heard that this is known. */
  partyOf(holder: number): Party | undefined {
    return this.#holders.get(holder);
  }

  /** The number of one that takes it by itself. */
  numberOf(party: Party): number | undefined {
    return this.#numbers.get(party);
  }

  /** Notes whose a number is. */
  introduce(holder: number, party: Party): void {
    this.#holders.set(holder, party);
    this.#numbers.set(party, holder);
  }

  /** One has ended: its number is never another's. */
  forget(holder: number): void {
    const party = this.#holders.get(holder);
    if (party !== undefined) this.#numbers.delete(party);
    this.#holders.delete(holder);
    this.#ended.add(holder);
    while (this.#ended.delete(this.#allEnded + 1)) this.#allEnded++;
  }

  /** Whether that one has ended: a thread that could not be stopped, and goes on taking what is free. */
  hasEnded(holder: number): boolean {
    return holder <= this.#allEnded || this.#ended.has(holder);
  }
}
