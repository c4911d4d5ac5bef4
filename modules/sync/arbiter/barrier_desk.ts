// BarrierDesk: as many as it takes wait for each other. Whoever gives up breaks it for all: it would not be full any more.

import { BrokenBarrierError } from "../errors.ts";
import { type Deed, type Desk, labelOf, unknownDeed } from "./desk.ts";
import type { Party } from "./party.ts";
import { assertNotAborted, type Limits, timedOut, Wait } from "./wait.ts";

/** The waits at one barrier. */
export class BarrierDesk implements Desk {
  readonly kind = "barrier";
  readonly name: string;
  readonly #parties: number;
  /** In the order of arrival. */
  readonly #waits = new Set<Wait<number>>();
  #broken: { readonly cause: unknown } | undefined = undefined;

  constructor(name: string, parties: number) {
    this.name = name;
    this.#parties = parties;
  }

  get label(): string {
    return labelOf(this);
  }

  /** Those that wait, in the order of arrival. */
  get waits(): ReadonlySet<Wait<number>> {
    return this.#waits;
  }

  perform(by: Party, deed: Deed, limits: Limits): unknown {
    switch (deed[0]) {
      case "wait":
        return this.#wait(by, limits);
      case "reset":
        this.break("it was reset");
        this.#broken = undefined;
        return undefined;
      default:
        return unknownDeed(this, deed);
    }
  }

  /** Fails all that wait, and all that come. */
  break(why: string, cause?: unknown): void {
    this.#broken ??= { cause };
    const waits = [...this.#waits];
    this.#waits.clear();
    for (const wait of waits) wait.fail(this.#error(why, cause));
  }

  #wait(by: Party, limits: Limits): Promise<number> | number {
    const action = `wait at ${this.label}`;
    if (this.#broken !== undefined) throw this.#error("it is broken", this.#broken.cause);
    assertNotAborted(limits);
    const arrived = this.#waits.size;
    if (arrived + 1 === this.#parties) {
      const waits = [...this.#waits];
      this.#waits.clear();
      for (const [order, wait] of waits.entries()) wait.grant(order);
      return arrived;
    }
    if (limits.timeout === 0) {
      const late = timedOut(action, 0);
      this.break("somebody gave up", late);
      throw late;
    }
    const wait: Wait<number> = new Wait(by, limits, action, () => {
      this.#waits.delete(wait);
      this.break("somebody gave up");
    });
    this.#waits.add(wait);
    return wait.promise;
  }

  /** One error for each: a shared one would collect everybody's changes to it. */
  #error(why: string, cause: unknown): BrokenBarrierError {
    return new BrokenBarrierError(
      `Cannot wait at ${this.label}: ${why}`,
      cause === undefined ? {} : { cause },
    );
  }
}
