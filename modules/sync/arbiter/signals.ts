// What is waited for and held by nobody: an event that is set, a condition that is told of, a number that all count with.

import { InvalidStateError } from "../../core/errors.ts";
import { type Deed, type Desk, labelOf, unknownDeed } from "./desk.ts";
import type { Party } from "./party.ts";
import type { Granted, Permits } from "./permits.ts";
import { assertNotAborted, type Limits, timedOut, Wait } from "./wait.ts";

/** Set or not; all wait until it is. */
export class EventDesk implements Desk {
  readonly kind = "event";
  readonly name: string;
  #isSet: boolean;
  readonly #waits = new Set<Wait<void>>();

  constructor(name: string, isSet: boolean) {
    this.name = name;
    this.#isSet = isSet;
  }

  get label(): string {
    return labelOf(this);
  }

  perform(by: Party, deed: Deed, limits: Limits): unknown {
    switch (deed[0]) {
      case "set":
        return this.#set();
      case "clear":
        this.#isSet = false;
        return undefined;
      case "isSet":
        return this.#isSet;
      case "wait":
        return this.#wait(by, limits);
      default:
        return unknownDeed(this, deed);
    }
  }

  #set(): void {
    this.#isSet = true;
    const waits = [...this.#waits];
    this.#waits.clear();
    for (const wait of waits) wait.grant();
  }

  #wait(by: Party, limits: Limits): Promise<void> | undefined {
    assertNotAborted(limits);
    if (this.#isSet) return undefined;
    const action = `wait for ${this.label}`;
    if (limits.timeout === 0) throw timedOut(action, 0);
    const wait: Wait<void> = new Wait(by, limits, action, () => this.#waits.delete(wait));
    this.#waits.add(wait);
    return wait.promise;
  }
}

/** Waits of those that hold a lock, give it back meanwhile, and get it again when they are told. */
export class ConditionDesk implements Desk {
  readonly kind = "condition";
  readonly name: string;
  readonly lock: Permits;
  /** The number by which handles of the lock are known. */
  readonly #lockId: () => string;
  readonly #waits = new Set<Wait<Granted>>();

  constructor(name: string, lock: Permits, lockId: () => string) {
    this.name = name;
    this.lock = lock;
    this.#lockId = lockId;
  }

  get label(): string {
    return labelOf(this);
  }

  perform(by: Party, deed: Deed, limits: Limits): unknown {
    switch (deed[0]) {
      case "wait":
        return this.#wait(by, deed[1], deed[2], limits);
      case "notify":
        return this.#notify(deed[1]);
      default:
        return unknownDeed(this, deed);
    }
  }

  #wait(by: Party, lockId: unknown, token: unknown, limits: Limits): Promise<Granted> {
    const action = `wait for ${this.label}`;
    if (lockId !== this.#lockId())
      throw new TypeError(`Cannot ${action}: expected a lease of ${this.lock.label}`);
    if (!this.lock.isHeld(by, token))
      throw new InvalidStateError(`Cannot ${action}: ${this.lock.label} is not held any more`);
    // Before its limits are looked at: it is given back whatever comes of the wait.
    this.lock.releaseOf(by, token);
    assertNotAborted(limits);
    if (limits.timeout === 0) throw timedOut(action, 0);
    const wait: Wait<Granted> = new Wait(by, limits, action, () => this.#waits.delete(wait));
    this.#waits.add(wait);
    return wait.promise;
  }

  /** Has the first so many get the lock again, one after another. */
  #notify(count: unknown): number {
    let told = 0;
    for (const wait of this.#waits) {
      if (told >= (count as number)) break;
      told++;
      this.#waits.delete(wait);
      // One that gives up before it has the lock has seen nothing: the next one is told in its place.
      const passOn = () => void this.#notify(1);
      this.lock.enqueue(wait, false, `acquire ${this.lock.label} again`, passOn);
    }
    return told;
  }
}

/** A number. */
export class CounterDesk implements Desk {
  readonly kind = "counter";
  readonly name: string;
  #value: bigint;

  constructor(name: string, value: bigint) {
    this.name = name;
    this.#value = value;
  }

  get label(): string {
    return labelOf(this);
  }

  perform(_by: Party, deed: Deed, _limits: Limits): unknown {
    if (deed[0] !== "add") return unknownDeed(this, deed);
    if (typeof deed[1] !== "bigint")
      throw new TypeError(`Cannot add: expected a bigint, got ${typeof deed[1]}`);
    this.#value += deed[1];
    return this.#value;
  }
}
