// CallSeat: the way to a desk from a call, over the link of that call: from a worker, and on this event loop.

import { InvalidStateError } from "../core/errors.ts";
import { findTaskContext, type OpenContext } from "../core/task_context.ts";
import { type Deed, type Kind, labelOf } from "./arbiter/desk.ts";
import type { Granted } from "./arbiter/permits.ts";
import { assertNotAborted, type Limits } from "./arbiter/wait.ts";
import type { Place, Seat } from "./place.ts";
import { type Session, sessionOf } from "./session.ts";

/** The way of one call; without one, that of whichever call runs when it is used. */
export class CallSeat implements Seat {
  readonly place: Place;
  readonly #context: OpenContext | undefined;
  #session: Session | undefined = undefined;

  constructor(place: Place, context: OpenContext | undefined) {
    this.place = place;
    this.#context = context;
  }

  get id(): string {
    return this.place.id;
  }

  get kind(): Kind {
    return this.place.kind;
  }

  get name(): string {
    return this.place.name;
  }

  now(): Seat {
    if (this.#context !== undefined) return this;
    const context = findTaskContext();
    if (context === undefined)
      throw new InvalidStateError(`Cannot use ${labelOf(this)}: no task is running here`);
    return new CallSeat(this.place, context);
  }

  ask(deed: Deed, limits: Limits): unknown {
    if (deed[0] === "acquire" || deed[0] === "tryAcquire") {
      assertNotAborted(limits);
      const granted = this.session.take(this.place);
      if (granted !== undefined) return granted;
      if (this.place.words !== undefined) return this.#askAndNote(deed, limits);
    }
    return this.session.ask(this.place, deed, limits);
  }

  tell(deed: Deed): void {
    if (deed[0] === "release" && this.session.give(this.place, deed[1])) return;
    this.session.tell(this.place, deed);
  }

  async #askAndNote(deed: Deed, limits: Limits): Promise<unknown> {
    const granted = await this.session.ask(this.place, deed, limits);
    this.session.granted(this.place, granted as Granted | undefined);
    return granted;
  }

  /** What its call asks. */
  get session(): Session {
    this.#session ??= sessionOf(this.#context as OpenContext);
    return this.#session;
  }
}
