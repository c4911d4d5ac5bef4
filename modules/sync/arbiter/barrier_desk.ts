// BarrierDesk: as many as it takes wait for each other. Whoever gives up breaks it for all: it would not be full any more.

import { BrokenBarrierError, DeadlockError } from "../errors.ts";
import { type Deed, type Desk, labelOf, unknownDeed } from "./desk.ts";
import type { Crowd, Party } from "./party.ts";
import { assertNotAborted, type Limits, timedOut, Wait } from "./wait.ts";

/** The waits at one barrier. */
export class BarrierDesk implements Desk {
  readonly kind = "barrier";
  readonly name: string;
  readonly #parties: number;
  /** In the order of arrival. */
  readonly #waits = new Set<Wait<number>>();
  /** The executors of those that wait, and how to stop to watch them. */
  readonly #watched = new Map<Crowd, () => void>();
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
    this.#watch(by);
    return wait.promise;
  }

  /** Looks whether those that are missing can come at all, now and whenever calls begin to wait for a slot. */
  #watch({ slot }: Party): void {
    if (slot === undefined) return;
    const { crowd } = slot;
    if (!this.#watched.has(crowd)) {
      const stop = crowd.watch(() => this.#look(crowd));
      this.#watched.set(crowd, stop);
    }
    this.#look(crowd);
  }

  /**
   * Of an executor all slots of which are held by calls that wait here no call comes that waits for a slot, though it has a
   * handle of this. The last to arrive is told, and the barrier is broken.
   */
  #look(crowd: Crowd): void {
    const waits = [...this.#waits].filter(({ by }) => by.slot?.crowd === crowd);
    if (waits.length === 0) return this.#unwatch(crowd);
    const ids = new Set(waits.map(({ by }) => by.slot?.id as number));
    if (!crowd.isHeldBy(ids) || !crowd.awaits(this)) return;
    const last = waits.at(-1) as Wait<number>;
    const names = waits.map(({ by }) => by.name).join(", ");
    const what = `a deadlock: ${names} hold all slots of their executor, for which others wait that are to come here`;
    const error = new DeadlockError(
      `Cannot wait at ${this.label}: ${what}`,
      waits.map(({ by }) => ({ task: by.name, waitsFor: this.label })),
    );
    this.#waits.delete(last);
    last.fail(error);
    this.break("it is in a deadlock", error);
  }

  #unwatch(crowd: Crowd): void {
    this.#watched.get(crowd)?.();
    this.#watched.delete(crowd);
  }

  /** One error for each: a shared one would collect everybody's changes to it. */
  #error(why: string, cause: unknown): BrokenBarrierError {
    return new BrokenBarrierError(
      `Cannot wait at ${this.label}: ${why}`,
      cause === undefined ? {} : { cause },
    );
  }
}
