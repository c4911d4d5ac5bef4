// ChannelDesk: values that pass from those who send to those who receive, in order, each to one.
//
// | what comes      | receivers wait    | there is room | else                    |
// |-----------------|-------------------|---------------|-------------------------|
// | send            | the first has it  | it is kept    | the sender waits        |
// | close           | all are done      | what was sent before is received, that of senders who wait too; then all are done |

import { InvalidStateError } from "../../core/errors.ts";
import { Fifo } from "../../core/fifo.ts";
import { type Deed, type Desk, labelOf, unknownDeed } from "./desk.ts";
import type { Party } from "./party.ts";
import { assertNotAborted, type Limits, timedOut, Wait } from "./wait.ts";

/** What is received: as iterators tell it. */
export type Received<T> =
  | { readonly value: T; readonly done: false }
  | { readonly value: undefined; readonly done: true };

/** A sender that waits, and its value. */
interface Sending {
  readonly value: unknown;
  readonly wait: Wait<void>;
}

/** One channel. */
export class ChannelDesk implements Desk {
  readonly kind = "channel";
  readonly name: string;
  readonly #capacity: number;
  /** What was sent and not received. */
  readonly #kept = new Fifo<unknown>();
  readonly #senders = new Set<Sending>();
  readonly #receivers = new Set<Wait<Received<unknown>>>();
  #closed: { readonly error?: { readonly error: unknown } } | undefined = undefined;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.#capacity = capacity;
  }

  get label(): string {
    return labelOf(this);
  }

  perform(by: Party, deed: Deed, limits: Limits): unknown {
    switch (deed[0]) {
      case "send":
        return this.#send(by, deed[1], limits);
      case "trySend":
        return this.#pass(deed[1]);
      case "receive":
        return this.#receive(by, limits);
      case "tryReceive":
        return this.#take();
      case "close":
        return this.#close(deed[1]);
      default:
        return unknownDeed(this, deed);
    }
  }

  #send(by: Party, value: unknown, limits: Limits): Promise<void> | undefined {
    assertNotAborted(limits);
    if (this.#pass(value)) return undefined;
    const action = `send to ${this.label}`;
    if (limits.timeout === 0) throw timedOut(action, 0);
    const sending: Sending = {
      value,
      wait: new Wait<void>(by, limits, action, () => this.#senders.delete(sending)),
    };
    this.#senders.add(sending);
    return sending.wait.promise;
  }

  /** Hands a value to the first that waits for one, or keeps it; false where neither can be. */
  #pass(value: unknown): boolean {
    if (this.#closed !== undefined) {
      const cause = this.#closed.error?.error;
      const options = cause === undefined ? {} : { cause };
      throw new InvalidStateError(`Cannot send to ${this.label}: it is closed`, options);
    }
    for (const receiver of this.#receivers) {
      this.#receivers.delete(receiver);
      receiver.grant({ value, done: false });
      return true;
    }
    if (this.#kept.size >= this.#capacity) return false;
    this.#kept.push(value);
    return true;
  }

  #receive(by: Party, limits: Limits): Promise<Received<unknown>> | Received<unknown> {
    assertNotAborted(limits);
    const received = this.#take();
    if (received !== undefined) return received;
    const action = `receive from ${this.label}`;
    if (limits.timeout === 0) throw timedOut(action, 0);
    const wait: Wait<Received<unknown>> = new Wait(by, limits, action, () =>
      this.#receivers.delete(wait),
    );
    this.#receivers.add(wait);
    return wait.promise;
  }

  /** The first value there is, or the end; undefined while there is neither. */
  #take(): Received<unknown> | undefined {
    if (this.#kept.size > 0) {
      const value = this.#kept.shift();
      const next = this.#nextSending();
      if (next !== undefined) this.#kept.push(next.value);
      next?.wait.grant();
      return { value, done: false };
    }
    const sending = this.#nextSending();
    if (sending !== undefined) {
      sending.wait.grant();
      return { value: sending.value, done: false };
    }
    if (this.#closed === undefined) return undefined;
    if (this.#closed.error !== undefined) throw this.#closed.error.error;
    return { value: undefined, done: true };
  }

  #nextSending(): Sending | undefined {
    for (const sending of this.#senders) {
      this.#senders.delete(sending);
      return sending;
    }
    return undefined;
  }

  /** Takes nothing more; false if it was closed before. */
  #close(error: { readonly error: unknown } | undefined): boolean {
    if (this.#closed !== undefined) return false;
    this.#closed = error === undefined ? {} : { error };
    // They wait because there is nothing to receive.
    const receivers = [...this.#receivers];
    this.#receivers.clear();
    for (const receiver of receivers) {
      if (error === undefined) receiver.grant({ value: undefined, done: true });
      else receiver.fail(error.error);
    }
    return true;
  }
}
