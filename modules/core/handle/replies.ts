// Replies: what calls of one worker say through the ring, and what they are answered there (decision 64).

import type { HostMemory } from "../memory/shared_memory.ts";
import type { Channel } from "../seam/channel.ts";
import { recordWord, takeWord } from "../seam/link_records.ts";
import type { HostMessage, LinkWord } from "../seam/messages.ts";
import type { Transferred } from "../transferred.ts";
import type { LinkCarrier } from "./host_links.ts";

/** What is said so soon after a word of the call, in milliseconds, answers it: the call may go on in a moment. */
const ANSWERS_MS = 0.05;

/** Whoever may wait in place for what calls say. */
export interface Attention {
  /** A call has said something, through the ring. */
  heard(): void;
  /** One is about to be answered. */
  answering(): void;
}

/** The host's end of what goes through the rings of one worker: carries words there if they belong there, else by messages. */
export class Replies implements LinkCarrier {
  /** Carries them by messages, and counts them. */
  readonly messages: Pick<Channel, "send" | "sharesBuffers">;
  readonly #memory: HostMemory;
  readonly #channel: Channel;
  readonly #attention: Attention | undefined;
  /** How many words of links have gone as messages. */
  #sent = 0;
  /** When a call last said something, on the monotonic clock. */
  #heardAt = 0;

  constructor(memory: HostMemory, channel: Channel, attention: Attention | undefined) {
    this.#memory = memory;
    this.#channel = channel;
    this.#attention = attention;
    this.messages = {
      send: (message, transfer) => {
        channel.send(message, transfer);
        this.#sent++;
      },
      sharesBuffers: channel.sharesBuffers !== false,
    };
  }

  /**
   * Takes what a call says in the ring, behind its mark and the count.
   *
   * @throws {RangeError} For what no worker of ours says.
   */
  take(): { link: number; word: LinkWord } {
    const taken = takeWord(this.#memory.outcomes);
    this.#heardAt = performance.now();
    this.#attention?.heard();
    return taken;
  }

  send(message: HostMessage & { kind: "link" }, transfer?: Transferred[]): void {
    const { replies, listener } = this.#memory;
    // First: an answer could be here before the bell is rung, and the worker would think that nobody waits.
    if (performance.now() - this.#heardAt < ANSWERS_MS) this.#attention?.answering();
    if (!recordWord(replies, 0, this.#sent, message.link, message.word))
      return this.messages.send(message, transfer);
    replies.publish();
    if (listener.ring()) this.#channel.send({ kind: "look" });
  }
}
