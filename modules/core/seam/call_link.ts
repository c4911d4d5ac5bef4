// CallLink: one end of an ordered two-way link between a running call and its host, with credit. The same at both ends.
//
//   worker                                          host
//   open ──────────────────────────────────────────▶  whoever serves links of that name (call_links.ts)
//   items, while it has credit ────────────────────▶  ear.took; then grant ─┐
//   ear.credited ◀───────────────────────── credit ◀────────────────────────┘
//   and the same the other way; either closes; else it ends with its call (docs/decisions/0046-call-links.md)

import { type LinkWire, sayItems } from "./link_items.ts";
import type { LinkWord } from "./messages.ts";
import { encodeError } from "./pack.ts";
import { decodeError, unpackEach } from "./unpack.ts";

/** So many items each end may send before it has heard of any credit, unless both know better. */
export const FIRST_CREDIT = 64;

/** Why a link has ended. */
export type LinkEnd =
  /** The other side has closed it; with an error, where there was one. */
  | { readonly by: "closed"; readonly error?: { readonly error: unknown } }
  /** Its call has ended, whatever came of it. */
  | { readonly by: "settled" }
  /** Its worker is gone, with whatever its call held. */
  | { readonly by: "lost" };

/** What is told of a link. None of it may throw. */
export interface LinkEar {
  /**
   * Values have come, in order. `errors` has those that could not be sent, by their place. `cost` is what they took of the
   * credit: what is to be granted once they are taken.
   */
  took(values: readonly unknown[], errors: ReadonlyMap<number, unknown>, cost: number): void;
  /** There is credit again, or more of it. */
  credited?(): void;
  /** It has ended: once, and last. */
  ended(end: LinkEnd): void;
}

const NO_ERRORS: ReadonlyMap<number, unknown> = new Map();

/** One end of a link. */
export class CallLink {
  readonly #wire: LinkWire;
  readonly #ear: LinkEar;
  /** What this end may send. */
  #credit: number;
  /** What the other end may send. */
  #granted: number;
  #isOpen = true;
  /** The last of what waits until files in an item are read. */
  #reading: Promise<void> | undefined = undefined;

  /**
   * @param ear makes what is told of it, given the link.
   * @param credit What this end may send from the start on.
   * @param granted What the other may.
   */
  constructor(
    wire: LinkWire,
    ear: (link: CallLink) => LinkEar,
    credit = FIRST_CREDIT,
    granted = FIRST_CREDIT,
  ) {
    this.#wire = wire;
    this.#credit = credit;
    this.#granted = granted;
    this.#ear = ear(this);
  }

  /** What may be sent: while there is any, one more item. */
  get credit(): number {
    return this.#credit;
  }

  /** Whether one end is a process. */
  get isOfProcess(): boolean {
    return this.#wire.isProcess;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Sends values, in one message if that can be. One that cannot cross arrives as an error in its place. On a link that has
   * ended nothing happens.
   *
   * @param cost What they take of the credit, where it is more than one each.
   * @returns Where files among them are read first, a promise that they have left; what is sent meanwhile waits behind.
   * @throws {RangeError} When there are more values than credit.
   */
  send(values: readonly unknown[], cost: number = values.length): Promise<void> | undefined {
    if (!this.#isOpen || values.length === 0) return undefined;
    if (values.length > this.#credit)
      throw new RangeError(
        `Cannot send ${values.length} items: there is credit for ${this.#credit}`,
      );
    this.#credit -= cost;
    if (this.#reading === undefined) return this.#note(sayItems(this.#wire, values, cost));
    const before = this.#reading;
    return this.#note(
      before.then(() => (this.#isOpen ? sayItems(this.#wire, values, cost) : undefined)),
    );
  }

  /** Lets the other end send so many more. */
  grant(count: number): void {
    if (!this.#isOpen || count <= 0) return;
    this.#granted += count;
    this.#say({ does: "credit", count });
  }

  /** Ends the link, both ways; its ear is told nothing more. The error is any value, in a box. */
  close(failure?: { readonly error: unknown }): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (failure === undefined) return this.#say({ does: "close" });
    const { byReference, isProcess } = this.#wire;
    const { error } = failure;
    this.#say({
      does: "close",
      error: byReference ? { kind: "same", error } : encodeError(error, { isProcess }),
    });
  }

  // For whoever carries the words.

  /**
   * Takes a word of the other end.
   *
   * @throws {RangeError} For what no end of ours says.
   */
  hear(word: LinkWord): void {
    if (!this.#isOpen) return;
    switch (word.does) {
      case "items":
        this.#take(word);
        return;
      case "credit":
        this.#credit += word.count;
        this.#ear.credited?.();
        return;
      case "close":
        this.end(
          word.error === undefined
            ? { by: "closed" }
            : { by: "closed", error: { error: decodeError(word.error) } },
        );
        return;
      case "open":
        throw new RangeError("a link was opened twice");
      default:
        word satisfies never;
    }
  }

  /** It has ended, and there is nobody to be told on the other side. */
  end(end: LinkEnd): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#ear.ended(end);
  }

  #take({ items, errors, parts, cost = items.length }: LinkWord & { does: "items" }): void {
    if (cost < items.length || this.#granted < items.length)
      throw new RangeError(`${items.length} items came, with credit for ${this.#granted}`);
    this.#granted -= cost;
    const spoilt = parts === undefined ? NO_ERRORS : unpackEach(parts);
    const failed = errors === undefined ? spoilt : new Map(spoilt);
    for (const { at, error } of errors ?? [])
      (failed as Map<number, unknown>).set(at, decodeError(error));
    this.#ear.took(items, failed, cost);
  }

  #note(reading: Promise<void> | undefined): Promise<void> | undefined {
    this.#reading = reading;
    void reading?.then(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return reading;
  }

  /** A word that arrives or does not: an end that cannot be reached is about to be told of. */
  #say(word: LinkWord): void {
    try {
      this.#wire.say(word);
    } catch {
      // The other side has ended.
    }
  }
}
