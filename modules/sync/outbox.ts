// Outbox: sends items over a link as fast as there is credit, in order; several in a message where they are said together.

import type { CallLink } from "../core/call_links.ts";
import { GRANT_EVERY, type Question, type Reply, written } from "./wire.ts";

/** What one end of a link has to say, and what it has heard. */
export class Outbox {
  readonly #link: CallLink;
  readonly #turns: number;
  readonly #most: number;
  readonly #isAwaited: () => boolean;
  /** Said, in order, and not sent. */
  readonly #waiting: unknown[] = [];
  #isBooked = false;
  /** Whether questions and answers are texts. */
  saysTexts: boolean;
  #heard = 0;

  /**
   * @param turns For so many turns of the microtasks what is said waits for what comes with it.
   * @param most While more waits for credit, the other side is given none: it asks and does not listen.
   * @param isAwaited Whether answers are waited for.
   */
  constructor(
    link: CallLink,
    turns: number,
    most = Number.POSITIVE_INFINITY,
    isAwaited = (): boolean => false,
  ) {
    this.#link = link;
    this.#turns = turns;
    this.#most = most;
    this.#isAwaited = isAwaited;
    this.saysTexts = link.wire.takesTexts === true;
  }

  /** Says something soon, with what else is said until then, and of the user's at most one thing. */
  say(said: Question | Reply, ...payload: readonly unknown[]): void {
    this.#waiting.push(this.saysTexts ? written(said) : said, ...payload);
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
    if (count === 0) return;
    if (this.#isAwaited()) this.#link.wire.attend?.(this.#awaitsAnswers);
    void this.#link.send(this.#waiting.splice(0, count));
  }

  /** What is asked next attends anew. */
  readonly #awaitsAnswers = (): boolean => !this.#isBooked && this.#isAwaited();

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
