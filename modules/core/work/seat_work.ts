// SeatWork: the call that makes an actor. Whichever worker takes it is the actor's from then on.

import { SingleWork } from "./single_work.ts";
import type { Place, Terms } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** Told where the call is, and that it is there no more. */
export interface SeatTaker {
  taken(place: Place): void;
  left(place: Place): void;
}

/** One call that takes its worker. */
export class SeatWork extends SingleWork {
  readonly #taker: SeatTaker;
  #at: Place | undefined = undefined;

  constructor(
    owner: WorkOwner,
    terms: Terms,
    id: number,
    args: unknown[],
    taker: SeatTaker,
    trace: string | undefined,
  ) {
    super(owner, terms, id, args, trace);
    this.#taker = taker;
  }

  override sent(index: number, place: Place, seq: number): void {
    super.sent(index, place, seq);
    this.#at = place;
    this.#taker.taken(place);
  }

  override giveBack(): void {
    this.#leave();
    super.giveBack();
  }

  override rest(index: number, isAgain: boolean): void {
    this.#leave();
    super.rest(index, isAgain);
  }

  #leave(): void {
    if (this.#at !== undefined) this.#taker.left(this.#at);
    this.#at = undefined;
  }
}
