// Clerk: does at the desks what one call asks for over its link, and knows what the call holds when it ends, or its worker.

import {
  type CallLink,
  crowdsHere,
  type LinkEar,
  type LinkEnd,
  type LinkedCall,
  serveLinks,
} from "../core/call_links.ts";
import { InvalidStateError } from "../core/errors.ts";
import type { Deed, Desk } from "./arbiter/desk.ts";
import { type Crowd, Party, type PendingWait } from "./arbiter/party.ts";
import type { Granted } from "./arbiter/permits.ts";
import type { Limits } from "./arbiter/wait.ts";
import { Cell } from "./cell.ts";
import { findDesk } from "./desks.ts";
import { Outbox } from "./outbox.ts";
import { deskIdOf } from "./seats.ts";
import { Answer, hasPayload, type Question, read } from "./wire.ts";

/** Has calls of this program's executors heard from now on. */
export function serveCalls(): void {
  serveLinks("sync", (link, call) => new Clerk(link, call));
}

/** In so many turns of the microtasks the program has taken what came, and has sent on what a call waits for. */
const ANSWER_TURNS = 8;
/** So many answers may wait for a call to listen before it is let ask no more. */
const MOST_ANSWERS = 1024;

/** Why a wait ends that its call gives up: the call knows the reason. */
const GIVEN_UP = Symbol("given up");

type Complete = Question & { readonly length: 4 };

/** The executors that have had calls here: one object for each. */
const crowds = new WeakMap<object, Crowd>();

function crowdOf(executor: LinkedCall["crowd"]): Crowd {
  let crowd = crowds.get(executor);
  if (crowd === undefined) {
    const isOf = (desk: unknown) => (argument: unknown) => findDesk(deskIdOf(argument)) === desk;
    crowd = {
      isHeldBy: (ids) => executor.isHeldBy(ids),
      watch: (onChange) => executor.watch(onChange),
      awaits: (desk) => executor.awaits(isOf(desk)),
      brings: (desk, but) => executor.brings(isOf(desk), but),
      everyone: everyCrowd,
    };
    crowds.set(executor, crowd);
  }
  return crowd;
}

function* everyCrowd(): Generator<Crowd> {
  for (const executor of crowdsHere()) yield crowdOf(executor);
}

/** The call that each worker runs, as a party: a call may have several links. */
const parties = new WeakMap<object, { readonly id: number; readonly party: Party }>();

function partyOf(call: LinkedCall): Party {
  const { worker, id, task, crowd } = call;
  const known = parties.get(worker);
  if (known?.id === id && !known.party.isOver) return known.party;
  const name = `task "${task}" (call ${id} on ${worker.name})`;
  const party = new Party(name, false, { crowd: crowdOf(crowd), id }, (hold, of, state) => {
    if (call.isObserved) call.tell({ id: hold, of: of.label, state });
  });
  parties.set(worker, { id, party });
  return party;
}

/** Serves one call, over one of its links. */
class Clerk implements LinkEar {
  readonly #link: CallLink;
  readonly #call: LinkedCall;
  readonly #party: Party;
  readonly #outbox: Outbox;
  readonly #waits = new Map<number, PendingWait>();
  /** The question whose payload comes next. */
  #asked: Complete | undefined = undefined;

  constructor(link: CallLink, call: LinkedCall) {
    this.#link = link;
    this.#call = call;
    this.#party = partyOf(call);
    this.#outbox = new Outbox(link, ANSWER_TURNS, MOST_ANSWERS);
  }

  took(values: readonly unknown[], errors: ReadonlyMap<number, unknown>, cost: number): void {
    for (const [at, value] of values.entries()) {
      if (!this.#link.isOpen) return;
      this.#take(value, errors.has(at) ? { error: errors.get(at) } : undefined);
    }
    this.#outbox.heard(cost);
  }

  credited(): void {
    this.#outbox.credited();
  }

  /** Gives on what the call has left open. */
  ended(end: LinkEnd): void {
    if (end.by === "closed") {
      // One of several: the call goes on.
      for (const wait of [...this.#waits.values()]) wait.giveUp(GIVEN_UP);
      return;
    }
    this.#waits.clear();
    const left = this.#party.end(end.by === "lost");
    if (end.by !== "settled") return;
    for (const { label } of left) {
      const what = `Lease of ${label} was left open by ${this.#party.name}: it has been released`;
      this.#call.report(new InvalidStateError(what));
    }
  }

  /** Takes an item, which may be forged. */
  #take(item: unknown, failure: { readonly error: unknown } | undefined): void {
    const asked = this.#asked;
    if (asked !== undefined) {
      this.#asked = undefined;
      if (failure !== undefined) return this.#fail(asked[0], failure.error);
      const [n, desk, [what], timeout] = asked;
      const payload = what === "close" ? { error: item } : item;
      return this.#perform([n, desk, [what, payload] as Deed, timeout]);
    }
    // Whoever asks by texts is answered by them: they are what crosses best there.
    if (typeof item === "string") this.#outbox.saysTexts = true;
    const question = questionOf(item);
    if (question === undefined) return this.#refuse();
    if (question.length === 1) return this.#waits.get(question[0])?.giveUp(GIVEN_UP);
    if (hasPayload(question[2])) this.#asked = question;
    else this.#perform(question);
  }

  #perform([n, id, deed, timeout]: Complete): void {
    try {
      const desk = findDesk(id);
      if (desk === undefined)
        throw new TypeError(
          `Cannot ${deed[0]}: the handle is of another program, or what it stands for is gone`,
        );
      const limits = {
        ...(timeout === undefined ? {} : { timeout }),
        ...(n === 0 ? {} : { begun: (wait: PendingWait) => void this.#waits.set(n, wait) }),
      };
      if (deed[0] === "acquireSync") return this.#performSync(desk, deed[1], limits);
      const outcome = desk.perform(this.#party, deed, limits);
      if (outcome instanceof Promise) {
        outcome.then(
          (value: unknown) => this.#succeed(n, deed, value),
          (error: unknown) => this.#fail(n, error),
        );
      } else this.#succeed(n, deed, outcome);
    } catch (error) {
      this.#fail(n, error);
    }
  }

  /** Wakes a thread that sleeps until it has what it asked for. */
  #performSync(desk: Desk, cell: SharedArrayBuffer, limits: Limits): void {
    const sleeper = new Cell(cell);
    const wake = (granted: unknown) => sleeper.grant(granted as Granted);
    const refuse = (error: unknown) => sleeper.refuse(error);
    const began = { ...limits, begun: (wait: PendingWait) => void this.#waits.set(-1, wait) };
    try {
      const outcome = desk.perform(this.#party, ["acquire"], began);
      if (outcome instanceof Promise) outcome.then(wake, refuse);
      else wake(outcome);
    } catch (error) {
      refuse(error);
    }
  }

  #succeed(n: number, deed: Deed, outcome: unknown): void {
    if (n === 0) return;
    this.#waits.delete(n);
    const isReceived = deed[0] === "receive" || deed[0] === "tryReceive";
    const received = isReceived
      ? (outcome as { value: unknown; done: boolean } | undefined)
      : undefined;
    if (received?.done === false) this.#outbox.say([n, Answer.received], received.value);
    else this.#outbox.say([n, Answer.done, outcome]);
  }

  #fail(n: number, error: unknown): void {
    if (n === 0) return;
    this.#waits.delete(n);
    if (error === GIVEN_UP) this.#outbox.say([n, Answer.givenUp]);
    else this.#outbox.say([n, Answer.failed], error);
  }

  /** What came is no question of ours: the call is served no more. */
  #refuse(): void {
    this.#link.close({ error: new TypeError("Cannot serve call: what it asked is no question") });
    this.#party.end(true);
  }
}

/** What was asked; undefined where that is no question. */
function questionOf(item: unknown): Question | undefined {
  try {
    const question = read(item);
    return isQuestion(question) ? question : undefined;
  } catch {
    return undefined;
  }
}

function isQuestion(item: unknown): item is Question {
  if (!Array.isArray(item) || !Number.isSafeInteger(item[0])) return false;
  if (item.length === 1) return true;
  const [, id, deed, timeout] = item;
  if (typeof id !== "string" || !Array.isArray(deed) || typeof deed[0] !== "string") return false;
  return timeout === undefined || (typeof timeout === "number" && timeout >= 0);
}
