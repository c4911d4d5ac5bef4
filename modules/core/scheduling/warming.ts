// Warming: workers that somebody waits for, before there is any call for them.

import type { CrewMember } from "../handle/crew_member.ts";
import type { Ledger } from "./ledger.ts";

/** One `warm()`, until enough workers are ready. */
export class Warming {
  /** How many there shall be. */
  readonly count: number;
  readonly #ledger: Ledger;
  readonly #prepare: (worker: CrewMember) => PromiseLike<unknown> | undefined;
  readonly #ready = Promise.withResolvers<void>();
  #isOver = false;

  /** @param prepare Has a worker that is ready do what it shall have done. */
  constructor(
    ledger: Ledger,
    count: number,
    prepare: (worker: CrewMember) => PromiseLike<unknown> | undefined,
  ) {
    this.#ledger = ledger;
    this.count = count;
    this.#prepare = prepare;
    ledger.sources.add(this);
    ledger.acceptSource();
  }

  /** Resolves when they are ready. */
  get done(): Promise<void> {
    return this.#ready.promise;
  }

  /** Looks whether enough are ready; true if there is nothing more to look for. */
  look(workers: Iterable<CrewMember>): boolean {
    if (this.#isOver) return true;
    const ready = [...workers].filter((worker) => worker.ready).slice(0, this.count);
    if (ready.length < this.count) return false;
    const prepared = Promise.all(ready.map(this.#prepare));
    prepared.then(() => this.#ready.resolve(), this.#ready.reject);
    this.#end();
    return true;
  }

  /** There will be no more of them. */
  stop(error: unknown): void {
    if (this.#isOver) return;
    this.#ready.reject(error);
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#ledger.sources.delete(this);
    this.#ledger.sourceTaken();
  }
}
