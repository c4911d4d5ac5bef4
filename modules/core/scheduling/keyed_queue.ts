// KeyedQueue: the queue of an executor that has `perKey`. Each key has lines of its own, which take turns; a key of which as
// many calls are out as may run has none, and holds nobody up.
//
//             highest priority:  ring  [ key b | key a | key d ]  the first has its turn, and goes to the end
//             next one:          ring  [ key a ]
//   in no ring: key c, of which as many calls are out as may be; it comes in behind the others when one of them has left

import { placeOf } from "../by_priority.ts";
import type { Key } from "../key.ts";
import { addresseeOf } from "../work/addressed_work.ts";
import type { Call, Work } from "../work/work.ts";
import { LinkedLine, LinkedLines } from "./linked_lines.ts";
import { awaitsIn, modulesOf, type WorkQueue } from "./task_queue.ts";

/** The works of one priority that have one key. The first lane of a key knows what is known of the key. */
class Lane extends LinkedLine {
  readonly key: Key | undefined;
  readonly rank: Rank;
  /** The first lane of its key: nearly always itself. */
  readonly first: Lane;
  /** The one that has its turn after it; undefined where it is in no ring. */
  next: Lane | undefined = undefined;
  /** The one that has its turn before it. */
  previous: Lane | undefined = undefined;
  /** Of the first lane: how many calls of the key are out, taken and not left. */
  out = 0;
  /** Of the first lane: how many more may be out than `maxRunning`. */
  lent = 0;
  /** Of the first lane: those of other priorities. */
  others: Lane[] | undefined = undefined;

  constructor(key: Key | undefined, rank: Rank, first: Lane | undefined) {
    super();
    this.key = key;
    this.rank = rank;
    this.first = first ?? this;
    rank.lanes++;
  }
}

/**
 * The lanes of equal priority, and the ring of those whose turn will come: each leads to the next one, the last to the first.
 * Where there are many keys, each lane that is looked at comes from far away in memory, and nothing else has to.
 */
class Rank {
  readonly priority: number;
  /** The last one in the ring. */
  #last: Lane | undefined = undefined;
  /** How many are in the ring. */
  size = 0;
  /** How many lanes there are, in the ring or not. */
  lanes = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  /** The one that has its turn; undefined where the ring is empty. */
  get first(): Lane | undefined {
    return this.#last?.next;
  }

  /** The first one has had its turn, and is the last one now. */
  turn(): void {
    this.#last = this.#last?.next;
  }

  /** Adds one at the end. */
  push(lane: Lane): void {
    const last = this.#last ?? lane;
    const first = last.next ?? lane;
    lane.previous = last;
    lane.next = first;
    last.next = lane;
    first.previous = lane;
    this.#last = lane;
    this.size++;
  }

  /** Takes one out. */
  remove(lane: Lane): void {
    const { next, previous } = lane as { next: Lane; previous: Lane };
    previous.next = next;
    next.previous = previous;
    if (this.#last === lane) this.#last = next === lane ? undefined : previous;
    lane.next = undefined;
    lane.previous = undefined;
    this.size--;
  }

  /** Has one that is in the ring have its turn first. */
  bringForward(lane: Lane): void {
    this.remove(lane);
    this.push(lane);
    this.#last = lane.previous;
  }
}

/** Holds the works that have calls waiting, in the order of their keys' turns. */
export class KeyedQueue implements WorkQueue {
  readonly #maxRunning: number;
  readonly #onTurn: () => void;
  /** Highest priority first. */
  readonly #ranks: Rank[] = [];
  /** What waits in the lanes. */
  readonly #lines = new LinkedLines();
  /** The first lane of each key that has calls, in the queue or out. */
  readonly #keys = new Map<Key | undefined, Lane>();
  /** The first lanes of keys that were lent a place. */
  readonly #borrowers = new Set<Lane>();
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
      // It has got an earlier call back.
      this.#lines.remove(lane, work);
      this.#lines.insert(lane, work);
    } else {
      work.queued = true;
      work.lane = lane;
      this.#lines.insert(lane, work);
    }
    this.#enter(lane);
  }

  moved(work: Work, before: number): void {
    const lane = this.#laneOf(work, before);
    this.#lines.remove(lane, work);
    this.#forget(lane);
    work.queued = false;
    this.put(work);
  }

  giveBack(calls: readonly Call[]): void {
    for (const { work, index } of calls.toReversed()) {
      work.giveBack(index);
      if (work.waiting === 0) continue;
      this.put(work);
      // It has had its turn before any other in the ring: behind them it would change places with calls that came later.
      const lane = work.lane as Lane | undefined;
      if (lane?.next !== undefined) lane.rank.bringForward(lane);
    }
  }

  front(): Work | undefined {
    const ranks = this.#ranks;
    for (let at = 0; at < ranks.length; ) {
      const rank = ranks[at] as Rank;
      const work = this.#frontOf(rank);
      if (work !== undefined) return work;
      if (rank.lanes === 0) ranks.splice(at, 1);
      else at++;
    }
    return undefined;
  }

  /** Every key in a ring has one call at least, and none more than may run. */
  get most(): number {
    let most = 0;
    for (const { size } of this.#ranks) most += size;
    return this.#keys.has(undefined) ? Number.POSITIVE_INFINITY : most * this.#maxRunning;
  }

  took(): void {
    const lane = this.#turn as Lane;
    lane.first.out++;
    if (this.#lines.front(lane) !== undefined && !this.#isFull(lane)) lane.rank.turn();
    else this.#leave(lane.rank, lane);
  }

  left(work: Work): void {
    // What was for one worker alone never was here.
    if (addresseeOf(work) !== undefined) return;
    // Not asked of the map: where there are many keys, to find one takes longer than all else.
    const first = (work.lane as Lane).first;
    const wasFull = this.#isFull(first);
    first.out--;
    if (wasFull) {
      this.#enterAll(first);
      this.#onTurn();
    }
    this.#forgetKey(first);
  }

  lend(waiting: ReadonlyMap<Key, number>): void {
    for (const first of this.#borrowers) {
      first.lent = Math.min(first.lent, waiting.get(first.key as Key) ?? 0);
      if (first.lent === 0) this.#borrowers.delete(first);
    }
    for (const [key, count] of waiting) {
      const first = this.#keys.get(key);
      if (first === undefined || !this.#isFull(first) || count < first.out) continue;
      first.lent++;
      this.#borrowers.add(first);
      this.#enterAll(first);
    }
  }

  dropped(): void {
    this.#dropped++;
    if (this.#dropped < 1024) return;
    const lanes = [...this.#lanes()];
    const length = lanes.reduce((sum, lane) => sum + lane.length, 0);
    if (this.#dropped * 2 < length) return;
    this.#dropped = 0;
    for (const lane of lanes) {
      this.#lines.compact(lane);
      if (lane.next === undefined) this.#forget(lane);
    }
  }

  modules(): Set<string> {
    return modulesOf(this.#worksOfLanes());
  }

  awaits(isIt: (argument: unknown) => boolean): boolean {
    return awaitsIn(this.#worksOfLanes(), isIt);
  }

  drain(): Work[] {
    const works: Work[] = [];
    for (const lane of [...this.#lanes()]) {
      for (let work = this.#lines.front(lane); work !== undefined; work = this.#lines.front(lane)) {
        this.#lines.shift(lane);
        work.queued = false;
        works.push(work);
      }
      // One in a ring goes when its turn comes.
      if (lane.next === undefined) this.#forget(lane);
    }
    return works.toSorted((a, b) => a.order - b.order);
  }

  /** How many keys there are. */
  get size(): number {
    return this.#keys.size;
  }

  /** The work of the first lane of a ring that may have a call handed out, whose turn it is then; those before it leave. */
  #frontOf(rank: Rank): Work | undefined {
    for (let lane = rank.first; lane !== undefined; lane = rank.first) {
      const work = this.#isFull(lane) ? undefined : this.#lines.front(lane);
      if (work !== undefined) {
        this.#turn = lane;
        return work;
      }
      this.#leave(rank, lane);
    }
    return undefined;
  }

  /** The first lane of a ring leaves it. */
  #leave(rank: Rank, lane: Lane): void {
    rank.remove(lane);
    this.#forget(lane);
  }

  /** Has a lane take its turn, if it may. */
  #enter(lane: Lane): void {
    if (lane.next !== undefined || lane.length === 0 || this.#isFull(lane)) return;
    lane.rank.push(lane);
  }

  /** The same for all lanes of a key. */
  #enterAll(first: Lane): void {
    this.#enter(first);
    for (const lane of first.others ?? []) this.#enter(lane);
  }

  /** Whether as many calls of a lane's key are out as may be. Those without a key have no limit. */
  #isFull({ key, first }: Lane): boolean {
    return key !== undefined && first.out >= this.#maxRunning + first.lent;
  }

  #laneOf({ key }: Work, priority: number): Lane {
    const first = this.#keys.get(key);
    if (first?.rank.priority === priority) return first;
    for (const lane of first?.others ?? []) if (lane.rank.priority === priority) return lane;
    const lane = new Lane(key, this.#rankOf(priority), first);
    if (first === undefined) {
      this.#keys.set(key, lane);
    } else {
      first.others ??= [];
      first.others.push(lane);
    }
    return lane;
  }

  #rankOf(priority: number): Rank {
    const at = placeOf(this.#ranks, priority);
    const found = this.#ranks[at];
    if (found?.priority === priority) return found;
    const rank = new Rank(priority);
    this.#ranks.splice(at, 0, rank);
    return rank;
  }

  /** Drops a lane in no ring if nothing waits there; the first of a key goes with the key. */
  #forget(lane: Lane): void {
    if (lane.length > 0 || lane.next !== undefined) return;
    const { first } = lane;
    if (lane !== first) {
      lane.rank.lanes--;
      first.others = first.others?.filter((other) => other !== lane);
    }
    this.#forgetKey(first);
  }

  /** Forgets a key of which nothing waits and nothing is out. */
  #forgetKey(first: Lane): void {
    if (first.out > 0 || first.length > 0 || first.next !== undefined) return;
    if (first.others !== undefined && first.others.length > 0) return;
    first.rank.lanes--;
    this.#keys.delete(first.key);
  }

  *#lanes(): Iterable<Lane> {
    for (const first of this.#keys.values()) {
      yield first;
      yield* first.others ?? [];
    }
  }

  *#worksOfLanes(): Iterable<{ works: Iterable<Work> }> {
    for (const lane of this.#lanes()) yield { works: this.#lines.of(lane) };
  }
}
