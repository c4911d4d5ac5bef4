// LinkRings: the worker's end of what calls and their host say to each other through the rings. A worker loads it with the
// first call that opens links; what was said before went by messages, and the order is kept.

import type { WorkerMemory } from "../memory/shared_memory.ts";
import { SPARE_WORDS } from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import { recordWord, takeWord } from "../seam/link_records.ts";
import type { LinkWord } from "../seam/messages.ts";
import { Patience } from "../time/patience.ts";

/** So long a call waits in place for a host that is awake, in milliseconds. */
const WATCH_MS = 0.06;
/** Looks at the ring between two looks at the clock. */
const WATCH_LOOKS = 32;
/** In so many turns of the microtasks whoever has asked awaits the answer. */
const ASKING_TURNS = 2;

/** The links of the call that runs. */
export interface LinkEnds {
  /** How many words were sent, and have come, as messages. */
  readonly sent: number;
  readonly received: number;
  /** Whether the call has opened any. */
  readonly areOpen: boolean;
  hear(link: number, word: LinkWord): void;
}

/** What goes through the rings of one worker. */
export class LinkRings {
  readonly #port: Port;
  readonly #memory: WorkerMemory;
  readonly #links: LinkEnds;
  /** Sends outcomes that are kept for a message: nothing behind them is read before. */
  readonly #sendOutcomes: () => void;
  readonly #patience = new Patience(true);
  /** The next reply is heard once so many words have come as messages. */
  #behind: number | undefined = undefined;
  #isReading = false;
  #isAttending = false;

  constructor(port: Port, memory: WorkerMemory, links: LinkEnds, sendOutcomes: () => void) {
    this.#port = port;
    this.#memory = memory;
    this.#links = links;
    this.#sendOutcomes = sendOutcomes;
  }

  /** Says something through the ring; false where it does not belong there. */
  say(link: number, word: LinkWord): boolean {
    const { outcomes, other } = this.#memory;
    this.#sendOutcomes();
    if (!recordWord(outcomes, SPARE_WORDS, this.#links.sent, link, word)) return false;
    outcomes.publish();
    if (other.ring()) this.#port.send({ kind: "look" });
    return true;
  }

  /** A message has come: hears what was said before. */
  look(): void {
    this.#patience.onTurn();
    // Before it reads: what is said behind that rings again.
    this.#memory.listener.sleep();
    this.read();
  }

  /** Hears what there is. */
  read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const { replies } = this.#memory;
    try {
      while (this.#behind !== undefined || !replies.isEmpty) {
        if (this.#behind === undefined) {
          replies.take();
          this.#behind = replies.takeNumber();
        }
        if (this.#links.received < this.#behind) break;
        this.#behind = undefined;
        const { link, word } = takeWord(replies);
        replies.release();
        this.#links.hear(link, word);
      }
    } finally {
      this.#isReading = false;
    }
  }

  /**
   * What is said next is a question. Waits for the answer in place, if the host is awake: then it is here in a moment.
   *
   * @param isAwaited Whether anything is still waited for.
   */
  attend(isAwaited: () => boolean): void {
    const patience = this.#patience;
    if (this.#isAttending || !this.#memory.other.isAwake) return;
    if (!patience.hasTime || !patience.mayWait()) return;
    this.#isAttending = true;
    this.#memory.listener.wake();
    void this.#watch(isAwaited);
  }

  /** Looks as long as answers come, and what was asked is not all answered. */
  async #watch(isAwaited: () => boolean): Promise<void> {
    do {
      for (let turn = 0; turn < ASKING_TURNS; turn++) await undefined;
    } while (this.#links.areOpen && isAwaited() && this.#patience.hasTime && this.#seesReply());
    this.#isAttending = false;
    this.#memory.listener.sleep();
    this.read();
  }

  #seesReply(): boolean {
    const { replies } = this.#memory;
    const isThere = this.#patience.wait(WATCH_MS, () => {
      // What is behind a message needs a turn of the event loop.
      if (this.#behind !== undefined) return false;
      for (let look = 0; look < WATCH_LOOKS; look++) if (!replies.isEmpty) return true;
      return undefined;
    });
    this.read();
    return isThere;
  }
}
