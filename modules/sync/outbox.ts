// Outbox: sends items over a link as fast as there is credit, in order; several in a message where they are said together.

import type { CallLink } from "../core/call_links.ts";
import { GRANT_EVERY, type Question, type Reply, written } from "./wire.ts";

/** What one end of a link has to say, and what it has heard. */
export class Outbox {
  readonly #link: CallLink;
  readonly #turns: number;
  readonly #most: number;
  /** Said, in order, and not sent. */
  readonly #waiting: unknown[] = [];
  #isBooked = false;
  #heard = 0;

  /**
   * @param turns For so many turns of the microtasks what is said waits for what comes with it.
   * @param most While more waits for credit, the other side is given none: it asks and does not listen.
   */
  constructor(link: CallLink, turns: number, most = Number.POSITIVE_INFINITY) {
    this.#link = link;
    this.#turns = turns;
    this.#most = most;
  }

  /** Says something soon, with what else is said until then, and of the user's at most one thing. */
  say(said: Question | Reply, ...payload: readonly unknown[]): void {
    this.#waiting.push(this.#link.isOfProcess ? written(said) : said, ...payload);
    if (this.#isBooked) return;
    this.#isBooked = true;
    void this.#sendLater();
  }

  /** Whether what is said now leaves at once. */
  get isFree(): boolean {
    return this.#waiting.length < this.#link.credit;
  }

  /** There is credit. */
  credited(): void {
    this.flush();
    this.#grant();
  }

  /** So many items have come. */
  heard(cost: number): void {
    this.#heard += cost;
    this.#grant();
  }

  /** Sends what there is credit for. */
  flush(): void {
    const count = Math.min(this.#waiting.length, this.#link.credit);
    if (count > 0) void this.#link.send(this.#waiting.splice(0, count));
  }

  async #sendLater(): Promise<void> {
    for (let turn = 0; turn < this.#turns; turn++) await undefined;
    this.#isBooked = false;
    this.flush();
  }

  #grant(): void {
    if (this.#heard < GRANT_EVERY || this.#waiting.length > this.#most) return;
    this.#link.grant(this.#heard);
    this.#heard = 0;
  }
}
