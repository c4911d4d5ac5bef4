// Call links, for what is built on them: how a host serves those of a name, and how a running call opens one. What a link is
// stands in seam/call_link.ts, and why in docs/decisions/0046-call-links.md.

import type { Hold } from "./events.ts";
import { CallLink, type LinkEar } from "./seam/call_link.ts";
import { copying } from "./seam/link_items.ts";
import { contextSlot, findTaskContext, OPEN_LINK, type OpenContext } from "./task_context.ts";
import type { WorkerIdentity } from "./worker_identity.ts";

export type { CallLink, LinkEar, LinkEnd } from "./seam/call_link.ts";

/** An executor, as those see it who look who waits for whom. */
export interface Crowd {
  /** Whether all its slots are held by calls of these ids. */
  isHeldBy(ids: ReadonlySet<number>): boolean;
  /** Whether a call that waits for a slot was given such a thing as an argument. */
  awaits(isIt: (argument: unknown) => boolean): boolean;
  /**
   * Whether a call but these that was given such a thing runs, or will once its turn or its time has come, while these hold
   * their slots.
   */
  brings(isIt: (argument: unknown) => boolean, but: ReadonlySet<number>): boolean;
  /** Tells, in turns of their own, that calls have begun or ended, or wait for a slot; returns how to stop. */
  watch(onChange: () => void): () => void;
}

/** Tells of the executors there are. For what makes them: of each copy of this library in this realm. */
export function listCrowdsBy(list: () => Iterable<Crowd>): void {
  contextSlot.crowds ??= new Set();
  contextSlot.crowds.add(list);
}

/** The executors of this program. */
export function* crowdsHere(): Generator<Crowd> {
  for (const list of contextSlot.crowds ?? []) yield* list() as Iterable<Crowd>;
}

/** The call that has opened a link. */
export interface LinkedCall {
  /** Its id, as observers see it: unique in its executor. */
  readonly id: number;
  /** The name of its task. */
  readonly task: string;
  /** Who runs it. */
  readonly worker: WorkerIdentity;
  /** Whose slot it has. */
  readonly crowd: Crowd;
  /** Tells the executor's `onError`, in a turn of its own, what the call has left open. */
  report(error: unknown): void;
  /** Whether somebody observes the executor. */
  readonly isObserved: boolean;
  /** Tells them what the call waits for or holds. */
  tell(hold: Hold): void;
}

/** Takes a link that a call has opened, and returns what is told of it. Must not throw. */
export type OpenLink = (link: CallLink, call: LinkedCall) => LinkEar;

/** Serves, in this program, the links that calls of its executors open to `to`; the last one to say so does. */
export function serveLinks(to: string, open: OpenLink): void {
  contextSlot.services ??= new Map();
  contextSlot.services.set(to, open);
}

/** Who serves links of that name. */
export function serviceOf(to: string): OpenLink | undefined {
  return contextSlot.services?.get(to) as OpenLink | undefined;
}

/** How a link is opened. */
export interface OpenLinkOptions {
  /** The call that opens it. Default: the one that runs here; in a realm of several, that is known before its first `await`. */
  readonly context?: OpenContext;
  /** The beginning of an error for what cannot be sent. Default: `Cannot send over link to "…"`. */
  readonly action?: string;
  /** Sends what is held back: called before the call ends, and before its worker exits. */
  readonly flush?: () => void;
  /** What this end may send from the start on, where both know. Default: `FIRST_CREDIT`. */
  readonly credit?: number;
}

/**
 * Opens a link from inside a running call to whoever serves that name at its host. It ends with the call.
 *
 * @throws {ReferenceError} When no call runs here, or it has ended.
 */
export function openLink(
  to: string,
  ear: (link: CallLink) => LinkEar,
  options: OpenLinkOptions = {},
): CallLink {
  const context = options.context ?? findTaskContext();
  if (context === undefined)
    throw new ReferenceError(`Cannot open link to "${to}": no task is running here`);
  // Made behind the plug, and nothing is heard before.
  let link: CallLink | undefined;
  const plug = context[OPEN_LINK](
    to,
    (word) => {
      if (word !== undefined) return link?.hear(word);
      options.flush?.();
      link?.end({ by: "settled" });
    },
    options.flush,
  );
  const action = options.action ?? `Cannot send over link to "${to}"`;
  link = new CallLink(
    { ...plug, code: plug.byReference ? undefined : copying, action, direction: "from" },
    ear,
    options.credit,
  );
  return link;
}
