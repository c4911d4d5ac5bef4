// RememberedCalls: what was broadcast for later workers, too. Each new one is given it before anything else.

import type { Future } from "../future.ts";
import type { CrewMember } from "../handle/crew_member.ts";
import { Terms } from "../work/work.ts";
import type { Ledger } from "./ledger.ts";

/** So many are remembered: each worker that starts has to make them all. */
const MOST = 1_000;

/** The calls that every worker of one executor makes first. */
export class RememberedCalls {
  readonly #submit: (worker: CrewMember, terms: Terms, args: unknown[]) => Future<unknown>;
  readonly #ledger: Ledger;
  readonly #calls: { readonly terms: Terms; readonly args: unknown[] }[] = [];

  /** @param submit Submits a call to one worker. */
  constructor(
    submit: (worker: CrewMember, terms: Terms, args: unknown[]) => Future<unknown>,
    ledger: Ledger,
  ) {
    this.#submit = submit;
    this.#ledger = ledger;
  }

  /**
   * Remembers a call.
   *
   * @throws {RangeError} When there are too many.
   */
  add({ source, options, profile }: Terms, args: unknown[]): void {
    if (this.#calls.length >= MOST)
      throw new RangeError(`Cannot broadcast task: ${MOST} calls are remembered already`);
    // Before all that waits, whatever that is.
    const terms = new Terms(source, { ...options, priority: Number.POSITIVE_INFINITY }, profile);
    this.#calls.push({ terms, args });
  }

  /** A worker is there that has had none of them. */
  giveTo(worker: CrewMember): void {
    for (const { terms, args } of this.#calls) {
      const workerId = worker.identity.id;
      this.#submit(worker, terms, args).addDoneCallback((future) => {
        const { state, error } = future.snapshot();
        if (state === "finished" && error !== undefined)
          this.#ledger.report(error, { kind: "worker", workerId, task: terms.name });
      });
    }
  }
}
