// Flights: calls under way, by their keys. One of each key goes on, the others have its outcome.

import { type AwaitedCall, type Gate, holdCall, judgeOwnHold, releaseCall } from "../call_waits.ts";
import { DeadlockError } from "../errors.ts";
import type { Ended, PassingCall } from "./passing_call.ts";

/** The calls under way of one task. */
export class Flights {
  readonly #flights = new Map<unknown, Flight>();
  readonly #onResult: (key: unknown, value: unknown) => void;

  /** @param onResult Told of each result, before anybody who waits for it. */
  constructor(onResult: (key: unknown, value: unknown) => void = () => {}) {
    this.#onResult = onResult;
  }

  /** Has a call go on, or wait for the one of its key that has. */
  join(key: unknown, call: PassingCall): void {
    const flight = this.#flights.get(key);
    if (flight !== undefined) return flight.follow(call);
    const begun = new Flight((ended) => {
      // Before anybody is told: who calls again finds nothing under way.
      this.#flights.delete(key);
      if (ended.outcome === "finished") this.#onResult(key, ended.value);
    });
    this.#flights.set(key, begun);
    begun.lead(call);
  }
}

/** The calls of one key. */
class Flight {
  /** The one that goes on. */
  leader: PassingCall | undefined = undefined;
  readonly #followers = new Set<PassingCall>();
  readonly #onEnd: (ended: Ended) => void;

  constructor(onEnd: (ended: Ended) => void) {
    this.#onEnd = onEnd;
  }

  lead(call: PassingCall): void {
    this.leader = call;
    call.onceDone((ended) => this.#land(ended));
    call.goOn();
  }

  follow(call: PassingCall): void {
    this.#followers.add(call);
    call.onceDone(() => this.#followers.delete(call));
    this.leader?.tellProgressTo(call);
    const { of } = call;
    if (of === undefined) return;
    const gate = new FollowersGate(this, call);
    holdCall(of, gate);
    call.onceDone(() => releaseCall(of));
    gate.look();
  }

  /** The leader is done. One that was cancelled has no outcome: the next one goes on in its place. */
  #land(ended: Ended): void {
    const followers = this.#followers;
    if (ended.outcome === "cancelled") {
      for (const next of followers) {
        followers.delete(next);
        if (next.of !== undefined) releaseCall(next.of);
        for (const follower of followers) next.tellProgressTo(follower);
        return this.lead(next);
      }
    }
    this.#onEnd(ended);
    for (const follower of [...followers]) follower.settle(ended);
  }
}

/** What holds one follower back: its leader. */
class FollowersGate implements Gate {
  readonly #flight: Flight;
  readonly #call: PassingCall;

  constructor(flight: Flight, call: PassingCall) {
    this.#flight = flight;
    this.#call = call;
  }

  *inside(): Iterable<AwaitedCall | undefined> {
    yield this.#flight.leader?.of;
  }

  /** A leader that waits for its follower would do so for ever. */
  look(): void {
    judgeOwnHold(this, () => {
      const [leader, follower] = [this.#flight.leader?.of, this.#call.of];
      if (leader === undefined || follower === undefined || this.#call.isDone) return;
      const [one, other] = [leader, follower].map(({ task, id }) => `task "${task}" (call ${id})`);
      this.#call.settle({
        outcome: "failed",
        value: new DeadlockError(
          `Cannot share call: a deadlock: ${other} waits for ${one}, which is the same and waits for that one`,
          [
            { task: other as string, waitsFor: one as string },
            { task: one as string, waitsFor: other as string },
          ],
        ),
      });
    });
  }
}
