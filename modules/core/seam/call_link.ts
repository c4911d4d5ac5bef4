// CallLink: one end of an ordered two-way link between a running call and its host, with credit. The same at both ends.
//
//   worker                                          host
//   open ──────────────────────────────────────────▶  whoever serves links of that name (call_links.ts)
//   items, while it has credit ────────────────────▶  ear.took; then grant ─┐
//   ear.credited ◀───────────────────────── credit ◀────────────────────────┘
//   and the same the other way; either closes; else it ends with its call (docs/decisions/0046-call-links.md)

import type { Transferred } from "../transferred.ts";
import type { LinkWord } from "./messages.ts";
import type { Parts, WireError } from "./packed.ts";

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

/** What carries the words of one link. */
export interface LinkWire {
  /** Sends a word; throws what the platform throws for a value that cannot cross. */
  say(word: LinkWord, transfer?: readonly Transferred[]): void;
  /** How values cross that are copied; undefined where they pass as they are. */
  readonly code: LinkCode | undefined;
  /** Whether the other side is a process. */
  readonly isProcess: boolean;
  /** Whether what is small and not the user's travels best as a text: to a process, and through a ring. Default: false. */
  readonly takesTexts?: boolean;
  /** Waits in place for what the host says next, if that may come in a moment. Before the question is sent. */
  attend?(isAwaited: () => boolean): void;
  /** The beginning of an error for what cannot be sent: `Cannot yield from task "rows"`. */
  readonly action: string;
  /** Which way values go. */
  readonly direction: "from" | "to";
}

/** How values cross that are copied (link_items.ts). Apart from the link: whose values pass as they are needs nothing of it. */
export interface LinkCode {
  /** Sends values; returns a promise where files in them are read first. Never throws for what a value is. */
  say(wire: LinkWire, values: readonly unknown[], cost: number): Promise<void> | undefined;
  encode(error: unknown, isProcess: boolean): WireError;
  decode(error: WireError): unknown;
  /** Makes whole what came in parts; returns what could not be, by its place. */
  unpack(parts: Parts): ReadonlyMap<number, unknown>;
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

  /** What carries its words: for who asks and answers, which may be done in place, and as texts. */
  get wire(): LinkWire {
    return this.#wire;
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
    if (this.#reading === undefined) return this.#note(this.#sayItems(values, cost));
    const before = this.#reading;
    return this.#note(before.then(() => (this.#isOpen ? this.#sayItems(values, cost) : undefined)));
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
    const { code, isProcess } = this.#wire;
    const { error } = failure;
    this.#say({ does: "close", error: code?.encode(error, isProcess) ?? { kind: "same", error } });
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
            : { by: "closed", error: { error: this.#decode(word.error) } },
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
    const spoilt = parts === undefined ? NO_ERRORS : this.#unpack(parts);
    const failed = errors === undefined ? spoilt : new Map(spoilt);
    for (const { at, error } of errors ?? [])
      (failed as Map<number, unknown>).set(at, this.#decode(error));
    this.#ear.took(items, failed, cost);
  }

  #sayItems(values: readonly unknown[], cost: number): Promise<void> | undefined {
    const { code } = this.#wire;
    if (code !== undefined) return code.say(this.#wire, values, cost);
    this.#wire.say({
      does: "items",
      items: values,
      ...(cost === values.length ? {} : { cost }),
    });
    return undefined;
  }

  #decode(error: WireError): unknown {
    return error.kind === "same" ? error.error : this.#wire.code?.decode(error);
  }

  #unpack(parts: Parts): ReadonlyMap<number, unknown> {
    return this.#wire.code?.unpack(parts) ?? NO_ERRORS;
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
