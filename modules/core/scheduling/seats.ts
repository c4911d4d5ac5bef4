// Seats: the workers that are actors'. The call that makes an actor takes whichever worker it runs on out of those for all calls.

import type { ActorSeat } from "../actor.ts";
import type { Future } from "../future.ts";
import type { CrewMember } from "../handle/crew_member.ts";
import type { SeatTaker } from "../work/seat_work.ts";
import type { NamedTask, Terms } from "../work/work.ts";
import type { Ledger } from "./ledger.ts";
import type { Trays } from "./trays.ts";

/** Submits a call of an actor, followed where somebody does. */
export type SeatCaller = (
  task: NamedTask,
  submit: (terms: Terms, trace?: string) => Future<unknown>,
) => Future<unknown>;

/** Submits a call that is for one worker. */
export type Address = (
  worker: CrewMember,
  terms: Terms,
  args: unknown[],
  trace?: string,
) => Future<unknown>;

/** The actors' workers of one executor. */
export class Seats {
  readonly #ledger: Ledger;
  readonly #trays: Trays;
  readonly #address: Address;
  readonly #onFree: () => void;
  /** Actors that are to be made, and have no worker yet. */
  #seating = 0;

  /** @param onFree Told when a worker is everybody's again. */
  constructor(ledger: Ledger, trays: Trays, address: Address, onFree: () => void) {
    this.#ledger = ledger;
    this.#trays = trays;
    this.#address = address;
    this.#onFree = onFree;
  }

  /**
   * Submits the call that makes an actor.
   *
   * @returns What is called through, once it has been made.
   */
  async seat(
    making: NamedTask,
    args: unknown[],
    submit: SeatCaller,
    maxWorkers: number,
  ): Promise<ActorSeat> {
    const ledger = this.#ledger;
    assertPlaces("make actor", this.#trays.reserved + this.#seating + 1, maxWorkers);
    this.#seating++;
    let at: CrewMember | undefined;
    try {
      const taker: SeatTaker = {
        taken: (place) => {
          at = place as CrewMember;
          this.#trays.reserve(at);
          this.#seating--;
        },
        left: (place) => {
          this.#trays.free(place as CrewMember);
          at = undefined;
          this.#seating++;
        },
      };
      await submit(making, (terms, trace) => ledger.seat(terms, args, taker, trace));
    } catch (error) {
      if (at === undefined) this.#seating--;
      else this.#leave(at);
      throw error;
    }
    const worker = at as CrewMember | undefined;
    if (worker === undefined) throw new ReferenceError("Cannot make actor: nobody has made it");
    return {
      call: (task, given) => {
        ledger.assertRoom(`call ${task.options.name}`);
        return submit(task, (terms, trace) => this.#address(worker, terms, given, trace));
      },
      end: (task) => {
        if (!ledger.alive || worker.exit !== undefined) return undefined;
        return submit(task, (terms, trace) => this.#address(worker, terms, [], trace));
      },
      leave: () => this.#leave(worker),
    };
  }

  #leave(worker: CrewMember): void {
    this.#trays.free(worker);
    this.#onFree();
  }
}

/** Actors must leave a worker for tasks. */
export function assertPlaces(action: string, actors: number, maxWorkers: number): void {
  if (actors === 0 || actors < maxWorkers) return;
  throw new RangeError(
    `Cannot ${action}: each of ${actors} actor${actors === 1 ? "" : "s"} has a worker of its own, and one must be left for tasks: ` +
      `at least ${actors + 1} workers, not ${maxWorkers}`,
  );
}
