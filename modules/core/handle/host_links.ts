// HostLinks: the host's ends of the links that the calls of one worker have opened.

import { type Crowd, serviceOf } from "../call_links.ts";
import { CancelledError } from "../errors.ts";
import type { Hold } from "../events.ts";
import { CallLink, FIRST_CREDIT, type LinkCode, type LinkEar } from "../seam/call_link.ts";
import type { Channel } from "../seam/channel.ts";
import type { HostMessage, LinkWord, WorkerMessage } from "../seam/messages.ts";
import type { Transferred } from "../transferred.ts";
import type { Work } from "../work/work.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Window } from "./window.ts";

/** What a stream is opened to: the work of its own call. */
export const STREAM = "stream";

/** So many links of one worker may be open: more is a mistake or an attack. */
const MOST_LINKS = 2 ** 16;
interface Opened {
  readonly link: CallLink;
  readonly seq: number;
}

/** What carries words to the worker. */
export interface LinkCarrier {
  send(message: HostMessage & { kind: "link" }, transfer?: Transferred[]): void;
}

/** Whoever is told what calls leave open. */
export interface LinkListener {
  /** Whose slots the calls hold. */
  readonly crowd: Crowd;
  /** A call has ended and left something open, which was ended for it. */
  onLeft(worker: WorkerIdentity, error: unknown, task: string): void;
  /** Whether somebody observes: only then it is worth while to say what calls hold. */
  readonly isObserved: boolean;
  /** A call that runs waits for something, holds it, or does neither any more. */
  onHold(work: Work, index: number, worker: WorkerIdentity, hold: Hold): void;
}

/** The calls that may open links. */
type LinkedCalls = Pick<Window, "workAt" | "indexAt" | "hasBegun">;

/** The links of one worker. */
export class HostLinks {
  readonly #worker: WorkerIdentity;
  readonly #channel: Pick<Channel, "send" | "sharesBuffers">;
  readonly #window: LinkedCalls;
  readonly #code: LinkCode | undefined;
  readonly #listener: LinkListener;
  readonly #open = new Map<number, Opened>();
  /** The number of the next. */
  #next = 0;

  constructor(
    worker: WorkerIdentity,
    channel: Pick<Channel, "send" | "sharesBuffers">,
    window: LinkedCalls,
    code: LinkCode | undefined,
    listener: LinkListener,
  ) {
    this.#listener = listener;
    this.#worker = worker;
    this.#channel = channel;
    this.#window = window;
    this.#code = code;
  }

  /**
   * Takes what the worker says on a link.
   *
   * @param replies Through what it is answered, where it was said through the ring.
   * @throws {Error} For what no worker of ours says.
   */
  hear({ seq, link, word }: WorkerMessage & { kind: "link" }, replies?: LinkCarrier): void {
    if (word.does === "open") return this.#opened(seq, link, word.to, replies);
    if (link >= this.#next || link < 0) throw new RangeError(`link ${link} was never opened`);
    const opened = this.#open.get(link);
    if (word.does === "close") this.#open.delete(link);
    opened?.link.hear(word);
  }

  /** A call has ended, before it settles. */
  ended(seq: number): void {
    if (this.#open.size === 0) return;
    for (const [number, opened] of this.#open) {
      if (opened.seq !== seq) continue;
      this.#open.delete(number);
      opened.link.end({ by: "settled" });
    }
  }

  /** The worker is gone, before anything becomes of its calls. */
  gone(): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { link } of open) link.end({ by: "lost" });
  }

  #opened(seq: number, number: number, to: string, replies?: LinkCarrier): void {
    const work = this.#window.workAt(seq);
    if (number !== this.#next) throw new RangeError(`link ${number} was opened out of turn`);
    if (work === undefined || !this.#window.hasBegun(seq))
      throw new RangeError(`link ${number} was opened by call ${seq}, which does not run`);
    if (this.#open.size >= MOST_LINKS) throw new RangeError(`${MOST_LINKS} links are open`);
    this.#next++;
    this.#accept(seq, number, to, work, replies);
  }

  #accept(seq: number, number: number, to: string, work: Work, replies?: LinkCarrier): void {
    const index = this.#window.indexAt(seq);
    const { name } = work.terms;
    const carrier = replies ?? this.#channel;
    const wire = {
      say: (word: LinkWord, transfer?: readonly Transferred[]) => {
        if (word.does === "close") this.#open.delete(number);
        carrier.send({ kind: "link", link: number, word }, transfer && [...transfer]);
      },
      code: this.#code,
      isProcess: this.#channel.sharesBuffers === false,
      action: `Cannot answer task "${name}"`,
      direction: "to" as const,
    };
    let refused: unknown;
    const ear = (link: CallLink): LinkEar => {
      try {
        if (work.isSettled(index))
          throw new CancelledError(`Cannot serve link to "${to}": task "${name}" was given up`);
        if (to === STREAM && work.opened !== undefined) return work.opened(index, link);
        const open = to === STREAM ? undefined : serviceOf(to);
        if (open === undefined)
          throw new ReferenceError(`Cannot serve link: nothing here is called "${to}"`);
        const listener = this.#listener;
        const report = (error: unknown) =>
          queueMicrotask(() => listener.onLeft(this.#worker, error, name));
        return open(link, {
          id: work.id(index),
          task: name,
          worker: this.#worker,
          crowd: listener.crowd,
          report,
          get isObserved() {
            return listener.isObserved;
          },
          tell: (hold) => listener.onHold(work, index, this.#worker, hold),
        });
      } catch (error) {
        refused = { error };
        return DEAF;
      }
    };
    const granted = to === STREAM ? work.terms.source.stream : undefined;
    const link = new CallLink(wire, ear, FIRST_CREDIT, granted);
    if (refused !== undefined) link.close(refused as { error: unknown });
    else if (link.isOpen) this.#open.set(number, { link, seq });
  }
}

/** The ear of a link that was refused. */
const DEAF: LinkEar = { took() {}, ended() {} };
