// Flights: calls under way, by their keys. One of each key goes on, the others have its outcome.

import type { Ended, PassingCall } from "./passing_call.ts";

/** The calls under way of one task. */
export class Flights {
  /** By the key of the call that goes on: those that wait for its outcome. */
  readonly #followers = new Map<unknown, Set<PassingCall>>();
  readonly #leaders = new Map<unknown, PassingCall>();
  readonly #onResult: (key: unknown, value: unknown) => void;

  /** @param onResult Told of each result, before anybody who waits for it. */
  constructor(onResult: (key: unknown, value: unknown) => void = () => {}) {
    this.#onResult = onResult;
  }

  /** Has a call go on, or wait for the one of its key that has. */
  join(key: unknown, call: PassingCall): void {
    const followers = this.#followers.get(key);
    if (followers === undefined) {
      this.#followers.set(key, new Set());
      this.#lead(key, call);
      return;
    }
    followers.add(call);
    call.onceDone(() => followers.delete(call));
    this.#leaders.get(key)?.tellProgressTo(call);
  }

  #lead(key: unknown, call: PassingCall): void {
    this.#leaders.set(key, call);
    call.onceDone((ended) => this.#land(key, ended));
    call.goOn();
  }

  /** A call that went on is done. One that was cancelled has no outcome: the next one goes on in its place. */
  #land(key: unknown, ended: Ended): void {
    const followers = this.#followers.get(key) as Set<PassingCall>;
    if (ended.outcome === "cancelled") {
      for (const next of followers) {
        followers.delete(next);
        for (const follower of followers) next.tellProgressTo(follower);
        return this.#lead(key, next);
      }
    }
    // Before anybody is told: who calls again finds nothing under way.
    this.#followers.delete(key);
    this.#leaders.delete(key);
    if (ended.outcome === "finished") this.#onResult(key, ended.value);
    for (const follower of [...followers]) follower.settle(ended);
  }
}
