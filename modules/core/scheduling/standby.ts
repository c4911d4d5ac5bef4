// Standby: workers that are started before it is known whether they will be needed, while others may have to be killed.
//
// Each is a channel and no more. It loads what every worker loads and is told nothing: nothing of a task runs there, it counts
// nowhere, and no observer hears of it, until the crew starts the worker for which it was meant, which it then is.

import type { Channel, ChannelHandlers, Spawn } from "../seam/channel.ts";
import type { WorkerMessage } from "../seam/messages.ts";
import { Timer } from "../time/timer.ts";
import type { WorkerIdentity } from "../worker_identity.ts";

/** One that was not needed is kept so long, in milliseconds: whose calls are ended now and then may well end another. */
const KEEP_MS = 5_000;
/** How long one that was told to stop may take, in milliseconds, before it is ended. */
const STOP_GRACE = 1000;

/** Those of one executor. */
export class Standby {
  readonly #spawn: Spawn;
  readonly #onEnded: () => void;
  /** By the names of the workers for which they are meant. */
  readonly #waiting = new Map<string, StandbyWorker>();
  readonly #ending = new Set<StandbyWorker>();

  /** @param onEnded Told when one that nobody needed has ended. */
  constructor(spawn: Spawn, onEnded: () => void) {
    this.#spawn = spawn;
    this.#onEnded = onEnded;
  }

  /** Whether one has not ended that nobody needs. */
  get isEnding(): boolean {
    return this.#ending.size > 0;
  }

  /** Starts one for a worker to come, unless there is one; throws what `spawn` throws. */
  prepare(worker: WorkerIdentity, wanted: () => ReadonlySet<string>): void {
    const { name } = worker;
    if (this.#waiting.has(name)) return;
    const one = new StandbyWorker(this.#spawn, worker, wanted, () => {
      if (this.#waiting.get(name) === one) this.#waiting.delete(name);
      this.#ending.delete(one);
      this.#onEnded();
    });
    this.#waiting.set(name, one);
    one.timer.set(KEEP_MS, () => this.#end(name, one));
  }

  /** Hands out the one that was started for a worker, if it is there. */
  take({ name }: WorkerIdentity, handlers: ChannelHandlers): Channel | undefined {
    const one = this.#waiting.get(name);
    this.#waiting.delete(name);
    return one?.serve(handlers);
  }

  /** Asks all to exit. */
  stop(): void {
    for (const [name, one] of this.#waiting) this.#end(name, one);
  }

  #end(name: string, one: StandbyWorker): void {
    this.#waiting.delete(name);
    this.#ending.add(one);
    one.stop();
  }
}

/** One of them: whom it reports to is known later. */
class StandbyWorker {
  readonly timer: Timer = new Timer();
  readonly #channel: Channel;
  readonly #early: WorkerMessage[] = [];
  #handlers: ChannelHandlers | undefined = undefined;

  constructor(
    spawn: Spawn,
    worker: WorkerIdentity,
    wanted: () => ReadonlySet<string>,
    onGone: () => void,
  ) {
    this.#channel = spawn(
      {
        // What is preloaded may have failed beside itself.
        onMessage: (message) =>
          this.#handlers === undefined
            ? this.#early.push(message)
            : this.#handlers.onMessage(message),
        onExit: (exit) => {
          this.timer.clear();
          if (this.#handlers === undefined) onGone();
          else this.#handlers.onExit(exit);
        },
      },
      worker,
      wanted,
    );
  }

  serve(handlers: ChannelHandlers): Channel {
    this.timer.clear();
    this.#handlers = handlers;
    // No handler runs before whoever takes the channel has it.
    if (this.#early.length > 0)
      queueMicrotask(() => {
        for (const message of this.#early) handlers.onMessage(message);
      });
    return this.#channel;
  }

  stop(): void {
    try {
      this.#channel.send({ kind: "stop" });
    } catch {
      // It has ended, and its end is on the way here.
    }
    this.timer.set(STOP_GRACE, () => this.#channel.terminate(false));
  }
}
