// Session: what one call asks of the desks of its program, over one link, from its first question to its end.

import { type CallLink, type LinkEnd, openLink } from "../core/call_links.ts";
import { InvalidStateError } from "../core/errors.ts";
import type { OpenContext } from "../core/task_context.ts";
import { whenAborted } from "../core/time/when_aborted.ts";
import { type Deed, labelOf } from "./arbiter/desk.ts";
import type { Granted } from "./arbiter/permits.ts";
import { assertNotAborted, type Limits } from "./arbiter/wait.ts";
import { Outbox } from "./outbox.ts";
import type { Place } from "./place.ts";
import { Answer, hasPayload, type Reply, read } from "./wire.ts";

/** By the signal, of which each call has one. */
const sessions = new WeakMap<AbortSignal, Session>();

/** The session of a call. */
export function sessionOf(context: OpenContext): Session {
  const { signal } = context;
  let session = sessions.get(signal);
  if (session === undefined) {
    session = new Session(context);
    sessions.set(signal, session);
  }
  return session;
}

/** A question that was not answered yet. */
interface Asked {
  readonly place: Place;
  readonly deed: Deed;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Why it was given up. */
  reason: { readonly reason: unknown } | undefined;
  unlink: (() => void) | undefined;
}

/** A lock that a call takes by itself. */
interface Hold {
  readonly holder: number;
  token: number;
  /** Whether the program is known to know whose the number is. */
  isKnown: boolean;
}

/** The questions of one call. */
export class Session {
  readonly #context: OpenContext;
  readonly #asked = new Map<number, Asked>();
  /** Under which number it takes a lock by itself, and the token of what it holds of that. */
  readonly #holds = new Map<string, Hold>();
  #outbox: Outbox | undefined = undefined;
  /** Set once nothing can be asked any more. */
  #over: ((place: Place, deed: Deed) => unknown) | undefined = undefined;
  #next = 1;
  /** The answer whose payload comes next. */
  #awaited: Reply | undefined = undefined;
  #unlink: () => void = () => {};

  constructor(context: OpenContext) {
    this.#context = context;
    try {
      openLink("sync", (link) => this.#open(link), {
        context,
        action: "Cannot send to channel",
        flush: () => this.#outbox?.flush(),
      });
    } catch {
      this.#over = hasEnded;
      return;
    }
    // A call that is interrupted waits no more; what it does to leave things in order, it still may ask for.
    this.#unlink = whenAborted(context.signal, (reason) => {
      for (const n of this.#asked.keys()) this.#giveUp(n, reason);
    });
  }

  /** Takes what can be taken without asking, on a thread. */
  take(place: Place): Granted | undefined {
    const { words, id } = place;
    if (words === undefined) return undefined;
    if (this.#over !== undefined) throw this.#over(place, ["acquire"]);
    const hold = this.#holds.get(id);
    if (hold === undefined) {
      const holder = words.newHolder();
      this.#holds.set(id, { holder, token: 0, isKnown: false });
      this.tell(place, ["introduce", holder]);
      return undefined;
    }
    // Before the program has answered, nobody could tell whose it is if this call were given up, or its thread ended.
    const token = hold.isKnown ? words.take(hold.holder) : undefined;
    if (token === undefined) return undefined;
    hold.token = token;
    return { token, abandoned: false };
  }

  /** Notes what the program has granted, which this call may give back by itself; and that the program knows its number. */
  granted({ id }: Place, granted: Granted | undefined): void {
    const hold = this.#holds.get(id);
    if (hold === undefined) return;
    hold.isKnown = true;
    if (granted !== undefined) hold.token = granted.token;
  }

  /** Gives back what was taken so; false where the program has to be told. */
  give({ words, id }: Place, token: number): boolean {
    const hold = this.#holds.get(id);
    if (words === undefined || hold?.token !== token) return false;
    hold.token = 0;
    return words.give(hold.holder);
  }

  /** Asks for a deed. */
  ask(place: Place, deed: Deed, limits: Limits): Promise<unknown> {
    if (this.#over !== undefined) throw this.#over(place, deed);
    assertNotAborted(limits);
    const n = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const asked: Asked = { place, deed, resolve, reject, reason: undefined, unlink: undefined };
    this.#asked.set(n, asked);
    this.#say(n, place, deed, limits.timeout);
    if (limits.signal !== undefined)
      asked.unlink = whenAborted(limits.signal, (reason) => this.#giveUp(n, reason));
    return promise;
  }

  /** Has a deed done that nothing comes of. A call that has ended holds nothing any more. */
  tell(place: Place, deed: Deed): void {
    if (this.#over !== undefined) return;
    // Whoever gives back may be about to work for long: that is not held back.
    if (this.#outbox?.isFree !== false) {
      this.#say(0, place, deed, undefined);
      return this.#outbox?.flush();
    }
    // A loop that never awaits hears of no credit; and what is given back must not wait for that.
    this.beside(place, deed, undefined)?.close();
  }

  /** Says something over a link of its own. */
  beside({ id }: Place, deed: Deed, timeout: number | undefined): CallLink | undefined {
    try {
      this.#outbox?.flush();
      const ear = () => ({ took() {}, ended() {} });
      const link = openLink("sync", ear, { context: this.#context });
      void link.send([[0, id, deed, timeout]]);
      return link;
    } catch {
      return undefined;
    }
  }

  #say(n: number, { id }: Place, deed: Deed, timeout: number | undefined): void {
    if (!hasPayload(deed)) return this.#outbox?.say([n, id, deed, timeout]);
    const [what, payload] = deed;
    const value = what === "close" ? (payload as { error: unknown }).error : payload;
    this.#outbox?.say([n, id, [what, true] as Deed, timeout], value);
    // What may be changed behind this call crosses as it is now.
    if (Object(value) === value) this.#outbox?.flush();
  }

  /** The answer is waited for all the same: it may be on its way. */
  #giveUp(n: number, reason: unknown): void {
    const asked = this.#asked.get(n);
    if (asked === undefined || asked.reason !== undefined) return;
    asked.reason = { reason };
    this.#outbox?.say([n]);
  }

  #open(link: CallLink): {
    took(values: readonly unknown[], errors: ReadonlyMap<number, unknown>, cost: number): void;
    credited(): void;
    ended(end: LinkEnd): void;
  } {
    // Until what was asked for is awaited.
    const outbox = new Outbox(link, 1, undefined, () => this.#asked.size > 0);
    this.#outbox = outbox;
    return {
      took: (values, errors, cost) => {
        for (const [at, value] of values.entries())
          this.#take(value, errors.get(at), errors.has(at));
        outbox.heard(cost);
      },
      credited: () => outbox.credited(),
      ended: (end) => this.#end(end),
    };
  }

  #take(item: unknown, error: unknown, isError: boolean): void {
    const awaited = this.#awaited;
    if (awaited !== undefined) {
      this.#awaited = undefined;
      const [n, answer] = awaited;
      if (isError) this.#answered(n)?.reject(error);
      else if (answer === Answer.failed) this.#answered(n)?.reject(item);
      else this.#answered(n)?.resolve({ value: item, done: false });
      return;
    }
    const reply = read(item) as Reply;
    const [n, answer, value] = reply;
    if (answer === Answer.done) this.#answered(n)?.resolve(value);
    else if (answer === Answer.givenUp) this.#rejectGivenUp(n);
    else this.#awaited = reply;
  }

  #answered(n: number): Asked | undefined {
    const asked = this.#asked.get(n);
    this.#asked.delete(n);
    asked?.unlink?.();
    return asked;
  }

  #rejectGivenUp(n: number): void {
    const asked = this.#answered(n);
    asked?.reject(asked.reason?.reason);
  }

  #end(end: LinkEnd): void {
    const failure = end.by === "closed" ? end.error : undefined;
    this.#over = failure === undefined ? hasEnded : () => failure.error;
    this.#unlink();
    for (const [n, { place, deed }] of [...this.#asked])
      this.#answered(n)?.reject(this.#over(place, deed));
  }
}

/** The error of who asks after the end of its call. */
function hasEnded(place: Place, deed: Deed): InvalidStateError {
  return new InvalidStateError(
    `Cannot ${deed[0]}: ${labelOf(place)} was given to a call that has ended`,
  );
}
