// OutcomeReader: settles calls by what their worker reports, in order — out of the ring, or out of messages where the ring
// has a mark. The host's counterpart of OutcomeWriter.

import { Constant, type RingReader } from "../memory/ring.ts";
import type { WorkerMessage } from "../seam/messages.ts";
import { decodeError } from "../seam/unpack.ts";
import type { Profile, Work } from "../work/work.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Ending } from "./ending.ts";
import type { HostLinks } from "./host_links.ts";
import type { Replies } from "./replies.ts";
import type { Window } from "./window.ts";

type Settled = WorkerMessage & { kind: "settled" };

/** So much does no call of ours say before its host has looked at anything else: who goes on would keep it for ever. */
const MOST_SAID = 2 ** 16;

/** Reads the outcomes of one worker's calls. */
export class OutcomeReader {
  readonly #window: Window;
  readonly #ring: RingReader | undefined;
  readonly #worker: WorkerIdentity;
  readonly #ending: Ending;
  readonly #links: HostLinks;
  readonly #replies: Replies | undefined;

  /** What came through the channel and has not had its turn; of the first message, from `#at` on. */
  readonly #received: Settled[] = [];
  #at = 0;
  #errorsRead = 0;
  /** Of the call that settled last: what the time it took is told to. */
  #profile: Profile | undefined = undefined;
  #isReading = false;
  /** What a call says comes next in the ring, once so many words have come as messages. */
  #behind: number | undefined = undefined;
  /** How many words of links have come as messages. */
  wordsReceived = 0;
  /** How much a call has said since this began to read. */
  #said = 0;

  constructor(
    window: Window,
    ring: RingReader | undefined,
    worker: WorkerIdentity,
    ending: Ending,
    links: HostLinks,
    replies?: Replies,
  ) {
    this.#window = window;
    this.#ring = ring;
    this.#worker = worker;
    this.#ending = ending;
    this.#links = links;
    this.#replies = replies;
  }

  /** Takes a message, to be read in its turn. */
  receive(message: Settled): void {
    this.#received.push(message);
  }

  /** Whether a message has come that no call waits for. */
  get hasLeft(): boolean {
    return this.#received.length > 0 && !this.#isReading;
  }

  /** Whether there is something in the ring. */
  get hasMore(): boolean {
    return this.#ring?.isEmpty === false;
  }

  /** Whether what comes next is on its way through the channel: to wait in place for that is in vain. */
  get waitsForChannel(): boolean {
    if (this.#behind !== undefined) return true;
    return this.#ring?.isEmpty === false && this.#ring.peek() === Constant.throughChannel;
  }

  /**
   * Settles every call whose outcome is here.
   *
   * @returns Whether there was one.
   * @throws {RangeError} For what no worker of ours reports.
   */
  read(): boolean {
    // A callback of a call that settles came back here: the loop below goes on by itself.
    if (this.#isReading) return false;
    this.#isReading = true;
    this.#said = 0;
    const { head } = this.#window;
    try {
      while (this.#ring === undefined ? this.#readMessage() : this.#readRing(this.#ring));
      this.#ring?.release();
    } finally {
      this.#isReading = false;
    }
    return this.#window.head !== head;
  }

  /** Reads the next thing in the ring; false if there is nothing, or it is still on its way. */
  #readRing(ring: RingReader): boolean {
    if (this.#behind !== undefined) return this.#readWord(this.#behind);
    if (ring.isEmpty) return false;
    const word = ring.peek();
    if (word === Constant.throughChannel) {
      if (this.#received.length === 0) return false;
      ring.take();
      return this.#readMessage();
    }
    ring.take();
    if (word === Constant.elapsed) {
      const [elapsed, count] = [ring.takeNumber(), ring.takeNumber()];
      if (!(elapsed >= 0 && count > 0)) throw new RangeError(`${count} calls took ${elapsed} ms`);
      this.#profile?.learn(elapsed / count, count);
      return true;
    }
    if (word === Constant.said) return this.#readWord(ring.takeNumber());
    const value = word === Constant.skipped ? undefined : ring.valueOf(word);
    const seq = this.#window.head;
    const index = this.#window.indexAt(seq);
    this.#shift(seq, index)?.succeed(index, value);
    return true;
  }

  /** Hears what the call at the head says; false while a message that was sent before it is on its way. */
  #readWord(behind: number): boolean {
    const isDue = this.wordsReceived >= behind;
    this.#behind = isDue ? undefined : behind;
    if (!isDue) return false;
    if (++this.#said > MOST_SAID) throw new RangeError(`it said ${MOST_SAID} words at once`);
    const seq = this.#window.head;
    this.#window.workAt(seq)?.started(this.#window.indexAt(seq), this.#worker);
    const { link, word } = (this.#replies as Replies).take();
    this.#links.hear({ kind: "link", seq, link, word }, this.#replies);
    return true;
  }

  /** Settles the next call by what came through the channel. */
  #readMessage(): boolean {
    const [message] = this.#received;
    if (message === undefined) return false;
    const { first, values, errors, elapsed } = message;
    const seq = first + this.#at;
    if (seq !== this.#window.head) throw new RangeError(`outcome of call ${seq} came out of turn`);
    const value = values[this.#at++];
    const failed = errors?.[this.#errorsRead]?.seq === seq;
    const error = failed ? errors[this.#errorsRead++]?.error : undefined;
    if (this.#at >= values.length) {
      this.#received.shift();
      this.#at = 0;
      this.#errorsRead = 0;
    }
    const index = this.#window.indexAt(seq);
    const work = this.#shift(seq, index);
    if (elapsed !== undefined) work?.terms.profile.learn(elapsed / values.length, 1);
    if (error === undefined) work?.succeed(index, value);
    else work?.threw(index, decodeError(error));
    return true;
  }

  /** Takes the call at the head, `seq`, out of the window; undefined if it was taken back. */
  #shift(seq: number, index: number): Work | undefined {
    if (this.#window.size === 0) throw new RangeError(`outcome of call ${seq}, which was not sent`);
    const work = this.#window.shift();
    // Before it settles: what waits for its end is over.
    this.#ending.ended(seq);
    this.#links.ended(seq);
    if (work === undefined) return undefined;
    this.#profile = work.terms.profile;
    work.started(index, this.#worker);
    return work;
  }
}
