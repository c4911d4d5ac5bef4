// ModelWorker: a worker in this realm whose every message, and whose death, waits until the test lets it happen.

import { SHARED_BYTES, type SharedMemory } from "../../core/memory/shared_memory.ts";
import {
  type Channel,
  ChannelEndedError,
  type ChannelHandlers,
  type WorkerExit,
} from "../../core/seam/channel.ts";
import type { HostMessage, WorkerMessage } from "../../core/seam/messages.ts";
import { serve } from "../../core/serving/serve.ts";
import type { Served } from "../../core/serving/server.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** The host's end of the link, and the worker behind it. */
export class ModelWorker implements Channel {
  readonly identity: WorkerIdentity;
  readonly memory: SharedMemory | undefined;
  readonly keepsWord: boolean;
  readonly #handlers: ChannelHandlers;
  readonly #clock: VirtualClock;
  readonly #toHost: (() => void)[] = [];
  readonly #toWorker: HostMessage[] = [];
  #listener: (message: HostMessage) => void = () => {};
  readonly #died: () => void;
  readonly #abandons: boolean;
  #served: Served | undefined;
  #isAlive = true;
  /** Given up by its host, but a thread that could not be stopped: it goes on, unheard. */
  #isGhost = false;
  /** Whether the host knows: nothing more may come. */
  #isGone = false;

  constructor(
    handlers: ChannelHandlers,
    identity: WorkerIdentity,
    clock: VirtualClock,
    options: {
      sharesMemory: boolean;
      keepsWord: boolean;
      abandons: boolean;
      stillborn: boolean;
      died: () => void;
    },
  ) {
    this.identity = identity;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#died = options.died;
    this.keepsWord = options.keepsWord;
    this.#abandons = options.abandons;
    this.memory = options.sharesMemory
      ? { words: new Int32Array(new SharedArrayBuffer(SHARED_BYTES)) }
      : undefined;
    if (options.stillborn) this.die(0, { code: 1 });
    else this.#serve();
  }

  /** Whether its code runs. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether its end has reached the host. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get hasForHost(): boolean {
    return this.#toHost.length > 0;
  }

  get hasForWorker(): boolean {
    return this.#toWorker.length > 0;
  }

  send(message: HostMessage): void {
    if (!this.#isAlive) throw new ChannelEndedError("Cannot send message: the worker has ended");
    this.#toWorker.push(message);
  }

  terminate(unresponsive: boolean): void {
    this.#isGhost = this.#isAlive && unresponsive && this.#abandons;
    this.die(0, this.#isGhost ? { abandoned: true } : { signal: "SIGKILL" });
  }

  /** Exits by itself: what it has finished goes out first. */
  exit(code: number): void {
    if (!this.#isAlive) return;
    this.#served?.flush();
    this.die(0, { code });
  }

  /** Dies. What it said last, `unsent` messages at most, has not left it yet. */
  die(unsent: number, exit: WorkerExit): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#died();
    this.#toWorker.length = 0;
    if (!this.keepsWord) this.#toHost.length = Math.max(0, this.#toHost.length - unsent);
    if (!this.#isGhost) this.#clock.drop(this);
    this.#toHost.push(() => {
      this.#isGone = true;
      this.#handlers.onExit(exit);
    });
  }

  /** Lets the next message reach the host. */
  deliverToHost(): void {
    const deliver = this.#toHost.shift();
    if (deliver !== undefined) this.#clock.as(undefined, deliver);
  }

  /** Lets the next message reach the worker. */
  deliverToWorker(): void {
    const message = this.#toWorker.shift();
    if (message !== undefined) this.#clock.as(this, () => this.#listener(message));
  }

  /** Runs code of the worker, such as a task that goes on. */
  run(action: () => void): void {
    if (this.#isAlive || this.#isGhost) this.#clock.as(this, action);
  }

  #serve(): void {
    const say = (message: WorkerMessage) => {
      if (this.#isAlive) this.#toHost.push(() => this.#handlers.onMessage(message));
    };
    const port = {
      memory: this.memory,
      send: say,
      listen: (listener: (message: HostMessage) => void) => {
        this.#listener = listener;
      },
      exit: () => this.exit(0),
    };
    this.#served = serve(port, { byReference: true, sharedRealm: true });
  }
}
