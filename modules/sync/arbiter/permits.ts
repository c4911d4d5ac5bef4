// Permits: what is held by some and waited for by others — locks, semaphores, and locks of readers and writers.
//
// First come, first served, and nobody goes past the queue: one that could be served at once waits behind one that cannot.
//
// |            | capacity | a grant is                        |
// |------------|----------|-----------------------------------|
// | lock       | 1        | the one there is                  |
// | semaphore  | n        | one of them                       |
// | RWLock     | no limit | one, or all of them (exclusive)   |

import { type Deed, type Desk, labelOf, unknownDeed } from "./desk.ts";
import { FastLane } from "./fast_lane.ts";
import type { GraphWait, Held, Party, Waited } from "./party.ts";
import { assertNotAborted, type Limits, timedOut, Wait } from "./wait.ts";
import { findDeadlock } from "./wait_for_graph.ts";

/** What is told of a grant. */
export interface Granted {
  /** Grows with each grant. */
  readonly token: number;
  /** Whether the holder before died with it. */
  readonly abandoned: boolean;
}

/** The number of the next that is waited for or held, whatever it is of. */
let nextHold = 1;

/** What a party holds of it. */
class Grant implements Held {
  readonly of: Permits;
  readonly by: Party;
  readonly isExclusive: boolean;
  readonly token: number;
  /** Its number, for those that observe. */
  readonly hold: number;
  /** Whether a thread has taken it by itself. Then the token is known nearly: it may be one more. */
  isFast = false;

  constructor(of: Permits, by: Party, isExclusive: boolean, token: number, hold = nextHold++) {
    this.of = of;
    this.by = by;
    this.isExclusive = isExclusive;
    this.token = token;
    this.hold = hold;
    by.tell?.(hold, of, "holds");
  }

  get label(): string {
    return this.of.label;
  }

  release(hasDied: boolean): void {
    this.of.release(this, hasDied);
  }
}

/** One place in the queue. */
class Acquisition implements GraphWait {
  readonly on: Permits;
  readonly isExclusive: boolean;
  readonly wait: Wait<Granted>;
  /** Its number, for those that observe. */
  readonly hold = nextHold++;

  constructor(on: Permits, isExclusive: boolean, wait: Wait<Granted>) {
    this.on = on;
    this.isExclusive = isExclusive;
    this.wait = wait;
  }

  get by(): Party {
    return this.wait.by;
  }
}

/** The permits of one lock or semaphore. */
export class Permits implements Desk, Waited {
  readonly kind: "lock" | "semaphore" | "RWLock";
  readonly name: string;
  readonly #capacity: number;
  /** How many are held: Infinity while one holds all. */
  #held = 0;
  #token = 0;
  /** A holder died, and nobody has been told yet. */
  #isAbandoned = false;
  readonly #grants = new Map<number, Grant>();
  /** In order. */
  readonly #queue = new Set<Acquisition>();
  /** Made once a thread is given a handle. */
  #lane: FastLane | undefined = undefined;

  constructor(kind: Permits["kind"], name: string, capacity: number) {
    this.kind = kind;
    this.name = name;
    this.#capacity = capacity;
  }

  get label(): string {
    return labelOf(this);
  }

  /** Who holds of it, for people. */
  get holderNames(): readonly string[] {
    return [...this.#grants.values()].map(({ by }) => by.name);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Lets threads take it by themselves while it is free (lock_words.ts). Only what one holds at a time, a semaphore of one
   * permit too: what several hold is not counted in one word.
   *
   * @returns The memory in which they find it.
   */
  share(): SharedArrayBuffer | undefined {
    if (this.#capacity !== 1 || typeof SharedArrayBuffer === "undefined") return undefined;
    if (this.#lane === undefined) {
      this.#lane = new FastLane();
      this.#lane.words.lastToken = this.#token;
      this.#rest();
    }
    return this.#lane.words.buffer;
  }

  perform(by: Party, deed: Deed, limits: Limits): unknown {
    switch (deed[0]) {
      case "acquire":
        return this.acquire(by, deed[1] === true, limits);
      case "tryAcquire":
        return this.tryAcquire(by, deed[1] === true);
      case "release":
        return this.releaseOf(by, deed[1]);
      case "introduce":
        return this.#introduce(by, deed[1]);
      default:
        return unknownDeed(this, deed);
    }
  }

  /** Takes one, or all, as soon as it is this party's turn; at once where nothing is in the way. */
  acquire(by: Party, isExclusive: boolean, limits: Limits): Granted | Promise<Granted> {
    assertNotAborted(limits);
    const granted = this.tryAcquire(by, isExclusive);
    if (granted !== undefined) return granted;
    const action = `acquire ${this.label}`;
    if (limits.timeout === 0) throw timedOut(action, 0);
    const wait = new Wait<Granted>(by, limits, action, () => {});
    this.enqueue(wait, isExclusive, action);
    return wait.promise;
  }

  /** Takes one, or all, if that is possible now and nobody waits. */
  tryAcquire(by: Party, isExclusive: boolean): Granted | undefined {
    this.#mind();
    if (this.#queue.size > 0 || !this.#fits(this.#held, isExclusive)) return undefined;
    return this.#handTo(by) ?? this.#grant(by, isExclusive);
  }

  /** To a thread whose number is known, where nobody waits: it gives it back by itself. */
  #handTo(by: Party): Granted | undefined {
    const holder = this.#lane?.numberOf(by);
    if (holder === undefined || this.#isAbandoned) return undefined;
    return { token: (this.#lane as FastLane).words.handTo(holder), abandoned: false };
  }

  /**
   * Has a wait stand in the queue, unless that closes a circle: then it fails.
   *
   * @param left Called when it has been given up.
   */
  enqueue(wait: Wait<Granted>, isExclusive: boolean, action: string, left?: () => void): void {
    const acquisition = new Acquisition(this, isExclusive, wait);
    wait.leave = () => {
      this.#dequeue(acquisition);
      wait.by.tell?.(acquisition.hold, this, "over");
      // Whoever stands behind may have waited only for the one that has left.
      this.#serve();
      left?.();
    };
    this.#mind();
    this.#queue.add(acquisition);
    wait.by.tell?.(acquisition.hold, this, "waits");
    if (!wait.by.isProgram) {
      wait.by.blocked.add(acquisition);
      const deadlock = findDeadlock(acquisition, action);
      if (deadlock !== undefined) return wait.giveUp(deadlock);
    }
    this.#serve();
  }

  /** Gives back what a party holds, by its token; false where it holds no such. */
  releaseOf(by: Party, token: unknown): boolean {
    const grant = this.#heldBy(by, token);
    grant?.release(false);
    this.#rest();
    return grant !== undefined;
  }

  /** Whether a party holds such a grant. */
  isHeld(by: Party, token: unknown): boolean {
    return this.#heldBy(by, token) !== undefined;
  }

  #heldBy(by: Party, token: unknown): Grant | undefined {
    this.#mind();
    const grant = this.#grants.get(token as number);
    if (grant?.by === by) return grant;
    const before = this.#grants.get((token as number) - 1);
    return before?.isFast === true && before.by === by ? before : undefined;
  }

  /** Gives back a grant; `hasDied` says that its holder died with it. */
  release(grant: Grant, hasDied: boolean): void {
    if (!this.#grants.delete(grant.token)) return;
    grant.by.grants.delete(grant);
    grant.by.tell?.(grant.hold, this, "over");
    this.#held = grant.isExclusive ? 0 : this.#held - 1;
    this.#isAbandoned ||= hasDied;
    if (grant.isFast) this.#lane?.words.given();
    this.#serve();
  }

  // As Waited.

  *holders(): Generator<Party> {
    for (const { by } of this.#grants.values()) yield by;
  }

  *before(wait: GraphWait): Generator<GraphWait> {
    for (const before of this.#queue) {
      if (before === wait) return;
      yield before;
    }
  }

  isGranted(wait: GraphWait, stuck: ReadonlySet<Party>): boolean {
    let held = 0;
    for (const { by, isExclusive } of this.#grants.values())
      if (stuck.has(by)) held += isExclusive ? Number.POSITIVE_INFINITY : 1;
    for (const before of this.#queue) {
      const fits = this.#fits(held, before.isExclusive);
      if (before === wait) return fits;
      if (!stuck.has(before.by)) continue;
      // One that is stuck keeps what it gets; and what it does not get, nobody behind it does.
      if (!fits) return false;
      held += before.isExclusive ? Number.POSITIVE_INFINITY : 1;
    }
    return true;
  }

  #fits(held: number, isExclusive: boolean): boolean {
    return isExclusive ? held === 0 : held < this.#capacity;
  }

  #grant(by: Party, isExclusive: boolean, hold?: number): Granted {
    const token = this.#lane?.words.nextToken() ?? ++this.#token;
    const abandoned = this.#isAbandoned;
    this.#isAbandoned = false;
    const grant = new Grant(this, by, isExclusive, token, hold);
    this.#held = isExclusive ? Number.POSITIVE_INFINITY : this.#held + 1;
    this.#grants.set(token, grant);
    if (!by.isProgram) by.grants.add(grant);
    return { token, abandoned };
  }

  /** Serves whoever is in front, as long as there is enough for that. */
  #serve(): void {
    for (const next of this.#queue) {
      if (!this.#fits(this.#held, next.isExclusive)) return;
      this.#dequeue(next);
      next.wait.grant(this.#grant(next.by, next.isExclusive, next.hold));
    }
    this.#rest();
  }

  /** From now on all that is held and wanted stands here. */
  #mind(): void {
    const holder = this.#lane?.words.mind();
    if (holder !== undefined) this.#noteFast(holder);
  }

  /** Lets threads take it again, where nobody holds or wants it, and nobody has to be told that a holder died. */
  #rest(): void {
    if (this.#lane === undefined || this.#isAbandoned) return;
    if (this.#grants.size === 0 && this.#queue.size === 0) this.#lane.words.free();
  }

  /** A thread has taken it by itself. */
  #noteFast(holder: number): void {
    const lane = this.#lane as FastLane;
    const by = lane.partyOf(holder);
    if (by === undefined || lane.hasEnded(holder)) {
      // It may be inside, but nobody would ever hear that it has left.
      lane.words.given();
      this.#isAbandoned = true;
      return;
    }
    const grant = new Grant(this, by, false, lane.words.lastToken);
    grant.isFast = true;
    this.#held = 1;
    this.#grants.set(grant.token, grant);
    by.grants.add(grant);
  }

  /** A party says under which number it takes the lock by itself. What it holds so when it ends is found here. */
  #introduce(by: Party, holder: unknown): void {
    const lane = this.#lane;
    if (lane === undefined || !Number.isSafeInteger(holder)) return;
    const number = holder as number;
    lane.introduce(number, by);
    by.endings.add(() => {
      if (lane.words.seize(number)) this.#noteFast(number);
      lane.forget(number);
    });
  }

  #dequeue(acquisition: Acquisition): void {
    this.#queue.delete(acquisition);
    acquisition.by.blocked.delete(acquisition);
  }
}
