// Party: who holds and waits — one call, or the program's own code, which is nobody in particular.

import { InvalidStateError } from "../../core/errors.ts";
import type { Hold } from "../../core/events.ts";
import { KeepAlive } from "../../core/time/keep_alive.ts";

/** What a party holds. */
export interface Held {
  /** What it is of, for people: `lock "cache"`. */
  readonly label: string;
  /** Gives it back; `hasDied` says that its holder died with it. */
  release(hasDied: boolean): void;
}

/** A wait that can be given up. */
export interface PendingWait {
  giveUp(error: unknown): void;
}

/** A party that waits for something that others hold. */
export interface GraphWait {
  readonly by: Party;
  readonly on: Waited;
}

/** What is waited for. */
export interface Waited {
  /** What it is, for people: `lock "cache"`. */
  readonly label: string;
  /** Who holds of it. */
  holders(): Iterable<Party>;
  /** The waits for it that stand before one, in order. */
  before(wait: GraphWait): Iterable<GraphWait>;
  /** Whether a wait will be granted, if all go on but those that are stuck. */
  isGranted(wait: GraphWait, stuck: ReadonlySet<Party>): boolean;
}

/** The executor of a call, as far as it matters who waits for whom. */
export interface Crowd {
  /** Whether all its slots are held by calls of these ids. */
  isHeldBy(ids: ReadonlySet<number>): boolean;
  /** Whether a call that waits for a slot was given a handle of this desk. */
  awaits(desk: unknown): boolean;
  /** Whether a call but these that was given one runs, or will while these hold their slots. */
  brings(desk: unknown, but: ReadonlySet<number>): boolean;
  /** Tells that calls have begun or ended, or wait for a slot; returns how to stop. */
  watch(onChange: () => void): () => void;
  /** All executors there are, this one too. */
  everyone(): Iterable<Crowd>;
}

/** Tells whoever observes a call what it waits for or holds: by a number, under which it was told of before. */
export type TellHold = (id: number, of: Pick<Held, "label">, state: Hold["state"]) => void;

/** A slot that a call has. */
export interface Slot {
  readonly crowd: Crowd;
  /** The call's id, of which its executor has no other. */
  readonly id: number;
}

/**
 * A call, as the arbiter sees it: what it holds and what it waits for.
 *
 * The program's own code is one party, too, and many things at once: what it holds may be given back by anybody, so nobody
 * is ever stuck for it, and it never ends.
 */
export class Party {
  /** Who it is, for people. */
  readonly name: string;
  /** What it holds. Of the program nothing is noted. */
  readonly grants = new Set<Held>();
  /** Its waits for what others hold. Of the program nothing is noted. */
  readonly blocked = new Set<GraphWait>();
  /** What is to be looked for when it ends: what it holds and nobody has told of. */
  readonly endings = new Set<() => void>();
  /** Everything that it waits for. */
  readonly #waits = new Set<PendingWait>();
  readonly #keepAlive: KeepAlive | undefined;
  /** Where it runs, if that is known. */
  readonly slot: Slot | undefined;
  /** Tells whoever observes it; of the program nothing is told. */
  readonly tell: TellHold | undefined;
  #isOver = false;

  /** @param isProgram Whether it is the program itself, which is kept alive while it waits. */
  constructor(name: string, isProgram = false, slot?: Slot, tell?: TellHold) {
    this.name = name;
    this.slot = slot;
    this.tell = tell;
    this.#keepAlive = isProgram ? new KeepAlive() : undefined;
  }

  get isProgram(): boolean {
    return this.#keepAlive !== undefined;
  }

  /** Whether the call has ended: nothing is done for it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How many waits of its are open. */
  get waiting(): number {
    return this.#waits.size;
  }

  /** It begins to wait. */
  waits(wait: PendingWait): void {
    this.#waits.add(wait);
    this.#keepAlive?.hold();
  }

  /** It waits no more. */
  waited(wait: PendingWait): void {
    this.#waits.delete(wait);
    if (this.#waits.size === 0) this.#keepAlive?.close();
  }

  /**
   * The call has ended: its waits are given up, and what it holds goes to whoever waits for it.
   *
   * @param hasDied Whether its worker did, so that what it held may be in disorder: the next ones are told.
   * @returns What it had left open.
   */
  end(hasDied: boolean): readonly Held[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    for (const wait of [...this.#waits])
      wait.giveUp(new InvalidStateError(`Cannot wait: ${this.name} has ended`));
    for (const look of this.endings) look();
    const open = [...this.grants];
    for (const held of open) held.release(hasDied);
    return open;
  }
}

/** The program's own code. */
export const PROGRAM: Party = new Party("the program", true);
