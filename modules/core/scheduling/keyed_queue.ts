// KeyedQueue: the queue of an executor that has `perKey`. Each key has lines of its own, which take turns; a key of which as
// many calls are out as may run has none, and holds nobody up.
//
//             highest priority:  ring  [ key b | key a | key d ]  the first has its turn, and goes to the end
//             next one:          ring  [ key a ]
//   in no ring: key c, of which as many calls are out as may be; it comes in behind the others when one of them has left

import { Fifo } from "../fifo.ts";
import type { Key } from "../key.ts";
import { addresseeOf } from "../work/addressed_work.ts";
import type { Call, Work } from "../work/work.ts";
import { awaitsIn, Line, modulesOf, type WorkQueue } from "./task_queue.ts";

/** The works of one priority that have one key. */
class Lane extends Line {
  readonly of: KeyState;
  readonly rank: Rank;
  /** Whether its turn will come. */
  isInRing = false;

  constructor(of: KeyState, rank: Rank) {
    super(rank.priority);
    this.of = of;
    this.rank = rank;
  }
}

/** What is known of a key. Kept while it has calls. */
interface KeyState {
  readonly key: Key | undefined;
  /** How many calls may be out. */
  readonly most: number;
  /** How many are: taken, and not left. */
  out: number;
  /** One for each priority: nearly always one. */
  readonly lanes: Lane[];
}

/** The lanes of equal priority. */
class Rank {
  readonly priority: number;
  /** Those whose turn will come. */
  readonly ring = new Fifo<Lane>();
  /** How many lanes there are, in the ring or not. */
  lanes = 0;

  constructor(priority: number) {
    this.priority = priority;
  }
}

/** Holds the works that have calls waiting, in the order of their keys' turns. */
export class KeyedQueue implements WorkQueue {
  readonly #maxRunning: number;
  readonly #onTurn: () => void;
  /** Highest priority first. */
  readonly #ranks: Rank[] = [];
  readonly #keys = new Map<Key | undefined, KeyState>();
  aside: ((work: Work) => boolean) | undefined = undefined;
  #dropped = 0;
  /** Whose turn it is, as was found last. */
  #turn: Lane | undefined = undefined;
  /** Only one call at a time is taken: the next one is another key's. */
  readonly bound = Number.NEGATIVE_INFINITY;

  /**
   * @param maxRunning How many calls of a key may be out. Those without a key have no limit.
   * @param onTurn Told when a key that was full may have a call handed out.
   */
  constructor(maxRunning: number, onTurn: () => void) {
    this.#maxRunning = maxRunning;
    this.#onTurn = onTurn;
  }

  put(work: Work): void {
    if (this.aside?.(work) === true) return;
    const lane = this.#laneOf(work, work.priority);
    if (work.queued) {
      lane.raise(work);
    } else {
      work.queued = true;
      lane.insert(work);
    }
    this.#enter(lane);
  }

  moved(work: Work, before: number): void {
    const lane = this.#laneOf(work, before);
    lane.remove(work);
    this.#forget(lane);
    work.queued = false;
    this.put(work);
  }

  giveBack(calls: readonly Call[]): void {
    for (const { work, index } of calls.toReversed()) {
      work.giveBack(index);
      if (work.waiting > 0) this.put(work);
    }
  }

  front(): Work | undefined {
    this.#turn = this.#frontLane();
    return this.#turn?.front();
  }

  /** Every key in a ring has one call at least, and none more than may run. */
  get most(): number {
    let most = 0;
    for (const { ring } of this.#ranks) most += ring.size;
    return this.#keys.has(undefined) ? Number.POSITIVE_INFINITY : most * this.#maxRunning;
  }

  took(): void {
    const lane = this.#turn as Lane;
    lane.of.out++;
    lane.rank.ring.shift();
    lane.isInRing = false;
    if (lane.front() === undefined) this.#forget(lane);
    else this.#enter(lane);
  }

  left(work: Work): void {
    // What was for one worker alone never was here.
    if (addresseeOf(work) !== undefined) return;
    const state = this.#keys.get(work.key) as KeyState;
    const wasFull = state.out-- === state.most;
    if (wasFull && state.lanes.length > 0) {
      for (const lane of state.lanes) this.#enter(lane);
      this.#onTurn();
    }
    this.#forgetKey(state);
  }

  dropped(): void {
    this.#dropped++;
    if (this.#dropped < 1024) return;
    const lanes = [...this.#keys.values()].flatMap((state) => state.lanes);
    const length = lanes.reduce((sum, lane) => sum + lane.length, 0);
    if (this.#dropped * 2 < length) return;
    this.#dropped = 0;
    for (const lane of lanes) {
      lane.compact();
      if (!lane.isInRing) this.#forget(lane);
    }
  }

  modules(): Set<string> {
    return modulesOf(this.#lanes());
  }

  awaits(isIt: (argument: unknown) => boolean): boolean {
    return awaitsIn(this.#lanes(), isIt);
  }

  drain(): Work[] {
    const works: Work[] = [];
    for (const lane of [...this.#lanes()]) {
      for (let work = lane.front(); work !== undefined; work = lane.front()) {
        lane.works[lane.head++] = undefined;
        work.queued = false;
        works.push(work);
      }
      // One in a ring goes when its turn comes.
      if (!lane.isInRing) this.#forget(lane);
    }
    return works.toSorted((a, b) => a.order - b.order);
  }

  /** How many keys there are. */
  get size(): number {
    return this.#keys.size;
  }

  /** The lane whose turn it is, of the highest priority that has one. */
  #frontLane(): Lane | undefined {
    const ranks = this.#ranks;
    for (let at = 0; at < ranks.length; ) {
      const rank = ranks[at] as Rank;
      const lane = this.#firstOf(rank);
      if (lane !== undefined) return lane;
      if (rank.lanes === 0) ranks.splice(at, 1);
      else at++;
    }
    return undefined;
  }

  /** The first lane of a ring that may have a call handed out; those before it leave. */
  #firstOf({ ring }: Rank): Lane | undefined {
    for (let lane = ring.first; lane !== undefined; lane = ring.first) {
      if (lane.of.out < lane.of.most && lane.front() !== undefined) return lane;
      ring.shift();
      lane.isInRing = false;
      this.#forget(lane);
    }
    return undefined;
  }

  /** Has a lane take its turn, if it may. */
  #enter(lane: Lane): void {
    if (lane.isInRing || lane.length === 0 || lane.of.out >= lane.of.most) return;
    lane.isInRing = true;
    lane.rank.ring.push(lane);
  }

  #laneOf({ key }: Work, priority: number): Lane {
    let state = this.#keys.get(key);
    if (state === undefined) {
      const most = key === undefined ? Number.POSITIVE_INFINITY : this.#maxRunning;
      state = { key, most, out: 0, lanes: [] };
      this.#keys.set(key, state);
    }
    for (const lane of state.lanes) if (lane.priority === priority) return lane;
    const rank = this.#rankOf(priority);
    const lane = new Lane(state, rank);
    state.lanes.push(lane);
    rank.lanes++;
    return lane;
  }

  #rankOf(priority: number): Rank {
    let at = 0;
    while (at < this.#ranks.length && (this.#ranks[at] as Rank).priority > priority) at++;
    const found = this.#ranks[at];
    if (found?.priority === priority) return found;
    const rank = new Rank(priority);
    this.#ranks.splice(at, 0, rank);
    return rank;
  }

  /** Drops a lane in no ring if nothing waits there, and its key if nothing of it is out. */
  #forget(lane: Lane): void {
    if (lane.length > 0 || lane.isInRing) return;
    const { of, rank } = lane;
    of.lanes.splice(of.lanes.indexOf(lane), 1);
    rank.lanes--;
    this.#forgetKey(of);
  }

  #forgetKey(state: KeyState): void {
    if (state.out === 0 && state.lanes.length === 0) this.#keys.delete(state.key);
  }

  *#lanes(): Iterable<Lane> {
    for (const { lanes } of this.#keys.values()) yield* lanes;
  }
}
