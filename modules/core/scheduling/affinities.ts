// Affinities: which worker the calls of a key go to — the one that has had the first of them, while it is not far behind others.

import type { CrewMember } from "../handle/crew_member.ts";
import type { Key } from "../key.ts";
import type { CallList, Work } from "../work/work.ts";

/** So many keys are known; beyond, the one that was not asked for the longest is forgotten. */
const MOST_KEYS = 10_000;
/** A worker is far behind if so many times as many calls wait there as at the others on average, … */
const MOST_TIMES = 2;
/** … and no fewer than so many. */
const FEW = 4;

/** The keys of one executor's calls. */
export class Affinities {
  /** The one that was asked for last is the last. */
  readonly #workers = new Map<Key, CrewMember>();
  readonly #crew: ReadonlySet<CrewMember>;
  readonly #waitingFor: (worker: CrewMember) => number;

  /** @param waitingFor How many calls wait for a worker alone. */
  constructor(crew: ReadonlySet<CrewMember>, waitingFor: (worker: CrewMember) => number) {
    this.#crew = crew;
    this.#waitingFor = waitingFor;
  }

  /** The worker that a work is to wait for; undefined where any will do. */
  workerFor(work: Work): CrewMember | undefined {
    const key = work.terms.options.affinity;
    if (key === undefined) return undefined;
    const worker = this.#workers.get(key);
    if (worker === undefined) return undefined;
    this.#workers.delete(key);
    if (!worker.serving || worker.isReserved || worker.isSpent || !worker.canLoad(work))
      return undefined;
    this.#workers.set(key, worker);
    return this.#isFarBehind(worker) ? undefined : worker;
  }

  /** Calls are about to be sent to a worker: it is that of their keys, where those have none. */
  note(worker: CrewMember, { works, length }: CallList): void {
    for (let at = 0; at < length; at++) {
      const key = works[at]?.terms.options.affinity;
      if (key === undefined || this.#workers.has(key)) continue;
      this.#workers.set(key, worker);
      if (this.#workers.size <= MOST_KEYS) continue;
      for (const oldest of this.#workers.keys()) {
        this.#workers.delete(oldest);
        break;
      }
    }
  }

  /** A worker is gone. */
  leave(worker: CrewMember): void {
    for (const [key, other] of this.#workers) if (other === worker) this.#workers.delete(key);
  }

  #isFarBehind(worker: CrewMember): boolean {
    const own = this.#queueOf(worker);
    if (own < FEW) return false;
    let [sum, count] = [0, 0];
    for (const other of this.#crew) {
      if (other === worker || !other.serving || other.isReserved) continue;
      sum += this.#queueOf(other);
      count++;
    }
    return count > 0 && own > (MOST_TIMES * sum) / count;
  }

  /** How many calls wait there, behind the one that runs. */
  #queueOf(worker: CrewMember): number {
    return Math.max(0, worker.unsettled - 1) + this.#waitingFor(worker);
  }
}
