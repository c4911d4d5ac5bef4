// BarrierDesk: as many as it takes wait for each other. Whoever gives up breaks it for all: it would not be full any more.

import { Timer } from "../../core/time/timer.ts";
import { BrokenBarrierError, DeadlockError } from "../errors.ts";
import { type Deed, type Desk, labelOf, unknownDeed } from "./desk.ts";
import type { Crowd, Party } from "./party.ts";
import { assertNotAborted, type Limits, timedOut, Wait } from "./wait.ts";

const NOBODY: ReadonlySet<number> = new Set();

/** The waits at one barrier. */
export class BarrierDesk implements Desk {
  readonly kind = "barrier";
  readonly name: string;
  readonly #parties: number;
  /** In the order of arrival. */
  readonly #waits = new Set<Wait<number>>();
  /** The executors of those that wait, and of one that may bring another, and how to stop to watch them. */
  readonly #watched = new Map<Crowd, () => void>();
  readonly #looking = new Timer();
  /** The program has come here before: it may again. */
  #programComes = false;
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
    this.#stopLooking();
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
      this.#stopLooking();
      if (by.isProgram) this.#programComes = true;
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
    if (by.isProgram) this.#programComes = true;
    if (by.slot !== undefined) this.#watch(by.slot.crowd);
    if (this.#watched.size > 0) this.#bookLook();
    return wait.promise;
  }

  /** Looks whether those that are missing can come at all, soon and whenever calls begin or end. */
  #watch(crowd: Crowd): void {
    if (!this.#watched.has(crowd))
      this.#watched.set(
        crowd,
        crowd.watch(() => this.#bookLook()),
      );
  }

  /** In a turn of its own: who comes next in this one, or is lent a slot, is missed no more. */
  #bookLook(): void {
    if (!this.#looking.isSet) this.#looking.set(0, () => this.#look());
  }

  #stopLooking(): void {
    this.#looking.clear();
    for (const stop of this.#watched.values()) stop();
    this.#watched.clear();
  }

  /**
   * Of an executor all slots of which are held by calls that wait here no call comes that waits for a slot, though it has a
   * handle of this. Where nobody comes from elsewhere, the last to arrive is told, and the barrier is broken.
   */
  #look(): void {
    const waiting = new Map<Crowd, Set<number>>();
    for (const { by } of this.#waits) {
      if (by.slot === undefined) continue;
      const ids = waiting.get(by.slot.crowd) ?? new Set();
      waiting.set(by.slot.crowd, ids.add(by.slot.id));
    }
    const full = [...waiting].filter(([crowd, ids]) => crowd.isHeldBy(ids) && crowd.awaits(this));
    if (full.length === 0 || this.#mayCome(full[0]?.[0] as Crowd, waiting)) return;
    const crowds = new Set(full.map(([crowd]) => crowd));
    const waits = [...this.#waits].filter(({ by }) => crowds.has(by.slot?.crowd as Crowd));
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

  /** Whether somebody comes who needs no slot that those hold who wait: the program, or a call that has a handle of this. */
  #mayCome(one: Crowd, waiting: ReadonlyMap<Crowd, ReadonlySet<number>>): boolean {
    if (this.#programComes && ![...this.#waits].some(({ by }) => by.isProgram)) return true;
    for (const crowd of one.everyone()) {
      if (!crowd.brings(this, waiting.get(crowd) ?? NOBODY)) continue;
      this.#watch(crowd);
      return true;
    }
    return false;
  }

  /** One error for each: a shared one would collect everybody's changes to it. */
  #error(why: string, cause: unknown): BrokenBarrierError {
    return new BrokenBarrierError(
      `Cannot wait at ${this.label}: ${why}`,
      cause === undefined ? {} : { cause },
    );
  }
}
