// FastLane: the program's side of a lock that threads may take by themselves: who they are, and whom it has found inside.

import { LockWords } from "./lock_words.ts";
import { Party } from "./party.ts";

/** The fast lane of one lock. */
export class FastLane {
  readonly words = new LockWords();
  /** Who takes it under which number. */
  readonly #holders = new Map<number, Party>();
  /** Up to here all have ended, and of those behind these. */
  #allEnded = 0;
  readonly #ended = new Set<number>();

  /** Who has that number. One that has not said it yet is about to: it says so before it takes anything. */
  partyOf(holder: number): Party {
    let party = this.#holders.get(holder);
    if (party === undefined) {
      party = new Party("a call that has just begun to use it");
      this.#holders.set(holder, party);
    }
    return party;
  }

  /** Notes whose a number is; returns who stood for it. */
  introduce(holder: number, party: Party): Party | undefined {
    const before = this.#holders.get(holder);
    this.#holders.set(holder, party);
    return before;
  }

  /** One has ended: its number is never another's. */
  forget(holder: number): void {
    this.#holders.delete(holder);
    this.#ended.add(holder);
    while (this.#ended.delete(this.#allEnded + 1)) this.#allEnded++;
  }

  /** Whether that one has ended: a thread that could not be stopped, and goes on taking what is free. */
  hasEnded(holder: number): boolean {
    return holder <= this.#allEnded || this.#ended.has(holder);
  }
}
