// DeskSeat: the way from a handle to a desk of this program.

import { findTaskContext } from "../core/task_context.ts";
import type { Deed, Desk, Kind } from "./arbiter/desk.ts";
import { PROGRAM } from "./arbiter/party.ts";
import { type Limits, NO_LIMITS } from "./arbiter/wait.ts";
import { CallSeat } from "./call_seat.ts";
import { noteDesk } from "./desks.ts";
import type { Seat } from "./place.ts";

/** At the desk itself: for the program's own code. */
export class DeskSeat implements Seat {
  readonly desk: Desk;
  #id: string | undefined = undefined;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Told of first where a handle crosses: most desks are known only here. */
  get id(): string {
    this.#id ??= noteDesk(this.desk);
    return this.#id;
  }

  get kind(): Kind {
    return this.desk.kind;
  }

  get name(): string {
    return this.desk.name;
  }

  /** A call on this event loop that was not given this handle, but asks before its first `await`, is known, too. */
  now(): Seat {
    const context = findTaskContext();
    return context === undefined ? this : new CallSeat(this, context);
  }

  ask(deed: Deed, limits: Limits): unknown {
    return this.desk.perform(PROGRAM, deed, limits);
  }

  tell(deed: Deed): void {
    this.desk.perform(PROGRAM, deed, NO_LIMITS);
  }
}
