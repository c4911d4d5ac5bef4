// MapElements: the elements of one map, each from the moment it is taken from the source until its result is read.

import type { Outcome } from "../future.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Verdict } from "./work.ts";

/** Where an element is. */
const UNSETTLED = 0;
const SUCCEEDED = 1;
const FAILED = 2;
const CANCELLED = 3;
const READ = 4;

const STATES = { finished: SUCCEEDED, failed: FAILED, cancelled: CANCELLED } as const;

/** Elements are kept in blocks of 2 ** BLOCK_BITS: a long source moves nothing when it grows, nor when it is read. */
const BLOCK_BITS = 12;
const BLOCK_SIZE = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK_SIZE - 1;

/** Consecutive elements. */
class Block {
  readonly states: number[] = [];
  readonly ids: number[] = [];
  /** First the item, then the outcome. */
  readonly contents: unknown[] = [];
  /** What was taken from the source, where that is handed out with the outcome. */
  readonly items: unknown[] | undefined;
  /** When each was taken and begun, as far as somebody observed it. */
  submittedAt: number[] | undefined = undefined;
  startedAt: number[] | undefined = undefined;
  /** How many are read. */
  read = 0;

  constructor(keepsItems: boolean) {
    this.items = keepsItems ? [] : undefined;
  }
}

/** Elements, counted from 0 in the order of their source. */
export class MapElements {
  readonly #keepsItems: boolean;
  /** Those from `#first` on; whole blocks are dropped from the front once they are read. */
  readonly #blocks: Block[] = [];
  #first = 0;
  #taken = 0;
  #held = 0;
  #unsettled = 0;
  #failed = 0;
  /** Kept only for elements of which there is something to say. */
  readonly #startedBy = new Map<number, WorkerIdentity>();
  readonly #failures = new Map<number, number>();
  readonly #verdicts = new Map<number, Verdict>();

  /** @param keepsItems Whether what was taken from the source is kept until it is read. */
  constructor(keepsItems: boolean) {
    this.#keepsItems = keepsItems;
  }

  /** The first that is not dropped. */
  get first(): number {
    return this.#first;
  }

  /** How many were taken from the source. */
  get taken(): number {
    return this.#taken;
  }

  /** How many of them are not read. */
  get held(): number {
    return this.#held;
  }

  get unsettled(): number {
    return this.#unsettled;
  }

  /** How many have settled without a result. */
  get failed(): number {
    return this.#failed;
  }

  /**
   * Adds an element; returns its index.
   *
   * @param content What its task is given.
   */
  add(id: number, content: unknown, item: unknown): number {
    if ((this.#taken & IN_BLOCK) === 0) this.#blocks.push(new Block(this.#keepsItems));
    const block = this.#blocks[this.#blocks.length - 1] as Block;
    block.states.push(UNSETTLED);
    block.ids.push(id);
    block.contents.push(content);
    block.items?.push(item);
    this.#held++;
    this.#unsettled++;
    return this.#taken++;
  }

  id(index: number): number {
    return this.#blockOf(index).ids[index & IN_BLOCK] as number;
  }

  /** What was taken from the source; the outcome of one that is settled. */
  contentOf(index: number): unknown {
    return this.#blockOf(index).contents[index & IN_BLOCK];
  }

  /** What was taken from the source, where it is kept. */
  itemOf(index: number): unknown {
    return this.#blockOf(index).items?.[index & IN_BLOCK];
  }

  isSettled(index: number): boolean {
    return this.#stateOf(index) !== UNSETTLED;
  }

  /** Whether it is settled and nobody has read it. */
  isUnread(index: number): boolean {
    const state = this.#stateOf(index);
    return state === SUCCEEDED || state === FAILED || state === CANCELLED;
  }

  hasSucceeded(index: number): boolean {
    return this.#stateOf(index) === SUCCEEDED;
  }

  /** Its result takes the place of what its task was given (invariant 8). */
  settle(index: number, outcome: Outcome, value: unknown): void {
    const { states, contents } = this.#blockOf(index);
    states[index & IN_BLOCK] = outcome === "finished" ? SUCCEEDED : STATES[outcome];
    contents[index & IN_BLOCK] = value;
    this.#unsettled--;
    if (this.#verdicts.size > 0) this.#verdicts.delete(index);
    if (outcome !== "finished") this.#failed++;
  }

  /** Lets go of one that is settled and read, or never will be. */
  forget(index: number): void {
    const block = this.#blockOf(index);
    block.states[index & IN_BLOCK] = READ;
    block.contents[index & IN_BLOCK] = undefined;
    if (block.items !== undefined) block.items[index & IN_BLOCK] = undefined;
    if (this.#startedBy.size > 0) this.#startedBy.delete(index);
    if (this.#failures.size > 0) this.#failures.delete(index);
    this.#held--;
    if (++block.read < BLOCK_SIZE) return;
    while (this.#blocks[0]?.read === BLOCK_SIZE) {
      this.#blocks.shift();
      this.#first += BLOCK_SIZE;
    }
  }

  /** What those have failed with that nobody has read. */
  *errors(): Iterable<unknown> {
    for (const { states, contents } of this.#blocks) {
      for (const [at, state] of states.entries()) if (state === FAILED) yield contents[at];
    }
  }

  /** Notes who runs it; false if that is known. */
  noteStart(index: number, worker: WorkerIdentity): boolean {
    if (this.#startedBy.get(index) === worker) return false;
    this.#startedBy.set(index, worker);
    return true;
  }

  /** Notes when it was taken from the source. */
  noteSubmittedAt(index: number, at: number): void {
    const block = this.#blockOf(index);
    block.submittedAt ??= [];
    block.submittedAt[index & IN_BLOCK] = at;
  }

  /** Notes when it begins; returns how long it has waited for that, if it is known and begins the first time. */
  noteStartedAt(index: number, at: number): number | undefined {
    const block = this.#blockOf(index);
    const place = index & IN_BLOCK;
    const since = block.startedAt?.[place] === undefined ? block.submittedAt?.[place] : undefined;
    block.startedAt ??= [];
    block.startedAt[place] = at;
    return since === undefined ? undefined : at - since;
  }

  /** When it began, if that is known. */
  startedAt(index: number): number | undefined {
    return this.#blockOf(index).startedAt?.[index & IN_BLOCK];
  }

  workerOf(index: number): WorkerIdentity | undefined {
    return this.#startedBy.get(index);
  }

  /** How often it has failed, and is run again. */
  failuresOf(index: number): number {
    return this.#failures.get(index) ?? 0;
  }

  /** It is run again. */
  noteAgain(index: number): void {
    this.#failures.set(index, this.failuresOf(index) + 1);
    this.#startedBy.delete(index);
    this.#verdicts.delete(index);
  }

  /** Why it is being ended. */
  verdictOf(index: number): Verdict | undefined {
    return this.#verdicts.size === 0 ? undefined : this.#verdicts.get(index);
  }

  /** It is being ended. */
  judge(index: number, verdict: Verdict): void {
    this.#verdicts.set(index, verdict);
  }

  /** Where an element is that is not dropped. */
  #blockOf(index: number): Block {
    return this.#blocks[(index - this.#first) >> BLOCK_BITS] as Block;
  }

  /** The state of an element; undefined if it is not taken yet. What is dropped was read. */
  #stateOf(index: number): number | undefined {
    if (index < this.#first) return READ;
    return this.#blocks[(index - this.#first) >> BLOCK_BITS]?.states[index & IN_BLOCK];
  }
}
