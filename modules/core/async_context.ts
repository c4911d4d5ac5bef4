// The async context of a caller (what `AsyncLocalStorage` shows): kept when something of theirs is taken, entered again when
// that is called. Without it a callback sees the context of whoever caused the call: on a server, of another customer.
//
// The core names no runtime. How a context is kept is told by the entries; on a platform that has none nothing is kept.

import type { Marks } from "./brand.ts";
import type { WorkerIdentity } from "./worker_identity.ts";

/** A call that runs on this event loop. */
export interface RunningCall {
  /** Its number in its executor. */
  readonly id: number;
  /** Which of the executor's workers makes it. */
  readonly worker: WorkerIdentity;
}

/** Calls a function in a context that was kept, and returns what it returns. */
export type Enter = <A, R>(call: (argument: A) => R, argument: A) => R;

const enterNone: Enter = (call, argument) => call(argument);

/** How a platform keeps contexts. */
export interface Contexts {
  /** Keeps that of this moment. */
  keep(): Enter;
  /** Keeps that of a caller, where the platform has something that costs less than a reaction to a promise. */
  readonly Caller?: new () => CallersContext;
  /** Finds again whose code it is that runs. */
  readonly marks?: Marks<RunningCall> | undefined;
}

const NONE: Contexts = { keep: () => enterNone };

/** How it is done here, once that is known. */
let contexts: Contexts | undefined;
let find: () => Contexts | undefined = () => undefined;

/** Tells how to find out by what a context is kept. For entries. It is found out when the first one is to be kept. */
export function findContextsBy(how: () => Contexts | undefined): void {
  find = how;
  contexts = undefined;
}

function contextsHere(): Contexts {
  contexts ??= find() ?? NONE;
  return contexts;
}

/** Whether contexts are kept here. */
export function keepsContexts(): boolean {
  return contextsHere() !== NONE;
}

/** The context in which the running code is, where that is known: it was entered by `within`, and no user's code since. */
let entered: Enter | undefined;

/** Keeps the context of this moment. */
export function contextOfNow(): Enter {
  const enter = contextsHere().keep();
  if (enter === enterNone) return enter;
  const own: Enter = (call, argument) => {
    const before = entered;
    entered = undefined;
    try {
      return before === own ? call(argument) : enter(call, argument);
    } finally {
      entered = before;
    }
  };
  return own;
}

/** Makes a function that calls `listener` in the context of this moment. */
export function inContextOfNow<A, R>(listener: (argument: A) => R): (argument: A) => R {
  const enter = contextOfNow();
  return enter === enterNone ? listener : (argument) => enter(listener, argument);
}

/**
 * Runs code of ours in a context that it is about to enter again and again: once for all, for on some platforms that takes
 * longer than what is done there. What it calls of the user's it has to call by an `Enter`.
 */
export function within<R>(enter: Enter, ours: () => R): R {
  if (enter === enterNone) return ours();
  return enter(() => {
    entered = enter;
    return ours();
  }, undefined);
}

/** What tells whose code it is that runs, where the platform has it. */
export function marksHere(): Marks<RunningCall> | undefined {
  return contextsHere().marks;
}

/** Delivers a call to where it is made; false if that has ended meanwhile, and the call will be delivered elsewhere. */
export type Deliver = () => boolean;

/** The context of whoever submits a call that is made on the same event loop. */
export interface CallersContext {
  /** Has `deliver` run in a microtask, in the context that was kept. */
  enter(deliver: Deliver): void;
}

/** Keeps the context of this moment for a call; `isLasting` says that it is entered more than once. */
export function callersContext(isLasting: boolean): CallersContext {
  const { Caller } = contextsHere();
  return Caller === undefined ? new ReactionContext(isLasting) : new Caller();
}

/**
 * A caller's context that is kept by a reaction to a promise, for engines note it with each of these. It needs nothing of the
 * platform; but what is entered so runs in a microtask, which does for a call and not for a listener
 * (docs/decisions/0033-the-callers-context.md).
 */
class ReactionContext implements CallersContext {
  readonly #isLasting: boolean;
  /** What is to be delivered: nearly always one. */
  #due: Deliver | Deliver[] | undefined;
  #wake: ((self: ReactionContext) => void) | undefined;

  constructor(isLasting: boolean) {
    this.#isLasting = isLasting;
    this.#keep();
  }

  enter(deliver: Deliver): void {
    if (this.#due === undefined) this.#due = deliver;
    else if (typeof this.#due === "function") this.#due = [this.#due, deliver];
    else this.#due.push(deliver);
    this.#wake?.(this);
  }

  #keep(): void {
    void new Promise<ReactionContext>((resolve) => {
      this.#wake = resolve;
    }).then(ReactionContext.#woken);
  }

  /** One function for all: of what waits there may be a million. */
  static #woken(self: ReactionContext): void {
    self.#run();
  }

  /** Runs in the context. */
  #run(): void {
    const due = this.#due;
    this.#due = undefined;
    if (this.#isLasting) this.#keep();
    if (typeof due === "function") this.#deliver(due);
    else if (due !== undefined) for (const deliver of due) this.#deliver(deliver);
  }

  #deliver(deliver: Deliver): void {
    if (!deliver() && !this.#isLasting) this.#keep();
  }
}
