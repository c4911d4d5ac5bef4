// Heartbeat: notices that a worker does not answer.
//
// Silence is counted in beats of this clock and not in time: a host that was itself asleep or busy (a laptop's lid, a
// stopped process) counts one beat for all of it, and blames no worker.

import { BrokenExecutorError } from "../errors.ts";
import type { Channel } from "../seam/channel.ts";
import { Timer } from "../time/timer.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Ending } from "./ending.ts";
import type { Window } from "./window.ts";

/** Beats in the time a worker may be silent. Silence is noticed after one more at most: 1.5 times the limit. */
const BEATS = 2;

/** The clock of one worker: asks it now and then, and gives it up when it has not been heard of for too long. */
export class Heartbeat {
  readonly #limit: number;
  readonly #worker: WorkerIdentity;
  readonly #channel: Channel;
  readonly #window: Window;
  readonly #ending: Ending;
  readonly #timer = new Timer();
  #silentBeats = 0;

  /** @param limit Milliseconds a worker may be silent. */
  constructor(
    limit: number,
    worker: WorkerIdentity,
    channel: Channel,
    window: Window,
    ending: Ending,
  ) {
    this.#limit = limit;
    this.#worker = worker;
    this.#channel = channel;
    this.#window = window;
    this.#ending = ending;
  }

  start(): void {
    // Not an interval: two beats must never follow each other without a turn of the event loop between them.
    this.#timer.set(this.#limit / BEATS, () => this.#beat());
  }

  /** The worker has said something. */
  heard(): void {
    this.#silentBeats = 0;
  }

  stop(): void {
    this.#timer.clear();
  }

  #beat(): void {
    this.start();
    this.#silentBeats++;
    // Once for each silence: in a worker that is stopped, questions pile up.
    if (this.#silentBeats === 1) this.#ending.send({ kind: "ping" });
    else if (this.#silentBeats > BEATS) this.#giveUp();
  }

  /** It should have answered, unless it runs a task: then only the operating system can tell that it never will. */
  #giveUp(): void {
    if (!this.#ending.isServing || this.#ending.hasCall) return;
    const { front } = this.#window;
    const computes = front !== undefined && !this.#window.isWaiting(front);
    if (computes && this.#channel.inspect?.()?.stopped !== true) return;
    const what = `Worker ${this.#worker.id} is unresponsive: no answer within ${this.#limit} ms`;
    this.#ending.giveUp(new BrokenExecutorError(what));
  }
}
