// MemoryLimit: looks how much memory a worker has, while it works.

import { BrokenExecutorError } from "../errors.ts";
import type { Channel } from "../seam/channel.ts";
import { Timer } from "../time/timer.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Ending } from "./ending.ts";

/** Milliseconds between two looks: a task that takes a gigabyte a second has gained ten megabytes. */
const LOOK_MS = 10;
/** Beyond so many times the limit a worker is ended at once; up to there it may finish what it runs. */
const HARD_FACTOR = 1.1;

/** The clock of one worker's memory. */
export class MemoryLimit {
  readonly #limit: number;
  readonly #worker: WorkerIdentity;
  readonly #channel: Channel;
  readonly #ending: Ending;
  readonly #timer = new Timer();
  #isOver = false;

  /** @param limit Bytes; what the worker has is what its channel tells, where that is known. */
  constructor(limit: number, worker: WorkerIdentity, channel: Channel, ending: Ending) {
    this.#limit = limit;
    this.#worker = worker;
    this.#channel = channel;
    this.#ending = ending;
  }

  /** Whether the worker had too much when last looked at: it shall finish what it has, and be given no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Looks again and again from now on: the worker runs something. */
  watch(): void {
    if (this.#timer.isSet) return;
    this.#timer.set(LOOK_MS, () => {
      if (!this.#look()) this.watch();
    });
  }

  /** Looks once more, now that the worker has finished what it had; then no further. */
  rest(): void {
    this.stop();
    this.#look();
  }

  stop(): void {
    this.#timer.clear();
  }

  /** Tells whether the worker had so much that it was ended. */
  #look(): boolean {
    const bytes = this.#channel.inspect?.()?.memory;
    if (bytes === undefined) return false;
    this.#isOver = bytes > this.#limit;
    const mustEnd = bytes > this.#limit * HARD_FACTOR;
    if (mustEnd) this.#giveUp(bytes);
    return mustEnd;
  }

  #giveUp(bytes: number): void {
    const [has, may] = [bytes, this.#limit].map((size) => Math.round(size / 2 ** 20));
    const what = `Worker ${this.#worker.id} has outgrown its memoryLimit: ${has} MiB of ${may} MiB`;
    this.#ending.giveUp(new BrokenExecutorError(what));
  }
}
