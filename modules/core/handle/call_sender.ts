// CallSender: puts calls into the window of their worker and has them written, together where that can be, else each alone.

import { isInstance } from "../brand.ts";
import { ChannelEndedError } from "../seam/channel.ts";
import type { Call, CallList, Place, Work } from "../work/work.ts";
import type { CallWriter } from "./call_writer.ts";
import type { Unsent } from "./crew_member.ts";
import type { Ending } from "./ending.ts";
import type { Window } from "./window.ts";

const NONE: readonly Unsent[] = [];

/** Sends calls to one worker. */
export class CallSender {
  readonly #place: Place;
  readonly #window: Window;
  readonly #writer: CallWriter;
  readonly #ending: Ending;

  constructor(place: Place, window: Window, writer: CallWriter, ending: Ending) {
    this.#place = place;
    this.#window = window;
    this.#writer = writer;
    this.#ending = ending;
  }

  /** Sends calls, empties the list, and returns the calls that were not sent: a value, not a call back (invariant 4). */
  send(calls: CallList): readonly Unsent[] {
    const first = this.#window.next;
    for (let at = 0; at < calls.length; at++)
      this.#push(calls.works[at] as Work, calls.indexes[at] as number);
    calls.clear();
    return first === this.#window.next ? NONE : this.#transmit(first);
  }

  #push(work: Work, index: number): void {
    work.sent(index, this.#place, this.#window.push(work, index));
  }

  /** Sends what is in the window from `first` on. */
  #transmit(first: number): readonly Unsent[] {
    try {
      this.#writer.write(first);
      return NONE;
    } catch (error) {
      const calls = this.#window.unsend(first);
      if (isInstance(error, ChannelEndedError)) {
        this.#ending.linkEnded();
        return calls.map((call) => ({ call }));
      }
      const [only] = calls;
      if (calls.length === 1) return [{ call: only as Call, fault: { error } }];
      // One call has spoiled the message for all: each is tried alone, and only that one fails.
      return calls.flatMap((call): readonly Unsent[] => {
        const { work, index } = call;
        // Behind one that waits for a file, or that has found the link cut, nothing may go; and nothing that is settled.
        const mayGo = !this.#writer.isReading && this.#ending.isServing && !work.isSettled(index);
        if (!mayGo) return [{ call }];
        this.#push(work, index);
        return this.#transmit(this.#window.next - 1);
      });
    }
  }
}
