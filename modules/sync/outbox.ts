// Outbox: sends items over a link as fast as there is credit, in order.

import type { CallLink } from "../core/call_links.ts";
import { GRANT_EVERY } from "./wire.ts";

/** What one end of a link has to say, and what it has heard. */
export class Outbox {
  readonly #link: CallLink;
  readonly #waiting: unknown[] = [];
  #heard = 0;

  constructor(link: CallLink) {
    this.#link = link;
  }

  /** Says something, now or as soon as there is credit. */
  say(...items: readonly unknown[]): void {
    if (this.#waiting.length === 0 && items.length <= this.#link.credit)
      void this.#link.send(items);
    else this.#waiting.push(...items);
  }

  /** Whether what is said now leaves at once. */
  get isFree(): boolean {
    return this.#waiting.length === 0 && this.#link.credit > 0;
  }

  /** There is credit. */
  credited(): void {
    const count = Math.min(this.#waiting.length, this.#link.credit);
    if (count > 0) void this.#link.send(this.#waiting.splice(0, count));
  }

  /** So many items have come. */
  heard(cost: number): void {
    this.#heard += cost;
    if (this.#heard < GRANT_EVERY) return;
    this.#link.grant(this.#heard);
    this.#heard = 0;
  }
}
