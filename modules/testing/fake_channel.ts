// The fake channel: workers without threads or processes, that can be killed, delayed and kept from starting.
//
// A verified fake: it passes the same suite as the real backends, so what is shown on it holds for them. Messages go
// through structured clone and arrive in a later turn of the event loop, as on a real link; the worker's code runs in
// the host's realm and cannot be stopped, only cut off.
import { clearImmediate, setImmediate } from "node:timers";
import { SHARED_BYTES, type SharedMemory } from "../core/memory/shared_memory.ts";
import {
  type Channel,
  ChannelEndedError,
  type ChannelHandlers,
  type Port,
  type Spawn,
  type WorkerExit,
} from "../core/seam/channel.ts";
import type { HostMessage, WorkerMessage } from "../core/seam/messages.ts";
import { sendMoving } from "../core/seam/transfer.ts";
import { serve } from "../core/serving/serve.ts";
import type { WorkerIdentity } from "../core/worker_identity.ts";

/** What shall go wrong with fake workers. */
export interface FakeFaults {
  /** Called for each start; what it throws is what `spawn` throws. */
  beforeSpawn?(worker: WorkerIdentity): void;
  /** Whether a worker that was started exits before it says a word. Default: never. */
  diesAtStart?(worker: WorkerIdentity): boolean;
  /** Turns of the event loop that each message takes. Default: 1. */
  turns?: number;
  /** Gives host and worker memory in common, as threads have. Default: false. */
  sharesMemory?: boolean;
}

/** The channels whose workers have not ended, by the worker's name. */
const alive = new Map<string, FakeChannel>();

/**
 * Makes a backend whose workers are fakes.
 *
 * For tests of what is built on a pool, and of the pool itself: deaths and failed starts come when asked for.
 *
 * @example A pool over the fake channel
 * ```ts
 * import { createFakeSpawn } from "@concurrent/futures/testing";
 * import { importTasks, PoolExecutor } from "@concurrent/futures";
 * import assert from "node:assert/strict";
 *
 * const tasks = importTasks<{ double(n: number): number }>(
 *   "data:text/javascript,export function double(n) { return 2 * n }",
 * );
 * await using executor = new PoolExecutor(createFakeSpawn(), { maxWorkers: 1 });
 * assert.equal(await executor.submit(tasks.double, 21), 42);
 * ```
 *
 * @param faults What shall go wrong; nothing, unless given.
 * @returns The backend, for `PoolExecutor`.
 */
export function createFakeSpawn(faults: FakeFaults = {}): Spawn {
  return (handlers, worker) => {
    faults.beforeSpawn?.(worker);
    return new FakeChannel(handlers, worker, faults);
  };
}

/**
 * Ends a fake worker as if it had exited by itself.
 *
 * @example Nothing to end
 * ```ts
 * import { exitFakeWorker } from "@concurrent/futures/testing";
 * import assert from "node:assert/strict";
 *
 * assert.equal(exitFakeWorker("no such worker", 1), false);
 * ```
 *
 * @param name The worker's name, as `taskContext().worker.name`.
 * @param code The exit code.
 * @returns Whether there was such a worker.
 */
export function exitFakeWorker(name: string, code: number): boolean {
  const channel = alive.get(name);
  channel?.exit({ code });
  return channel !== undefined;
}

/**
 * Counts the fake workers that have not ended.
 *
 * @example None before the first
 * ```ts
 * import { liveFakeWorkers } from "@concurrent/futures/testing";
 * import assert from "node:assert/strict";
 *
 * assert.equal(liveFakeWorkers(), 0);
 * ```
 */
export function liveFakeWorkers(): number {
  return alive.size;
}

/** The host's end of the link to one fake worker, and what lies between the ends. */
class FakeChannel implements Channel {
  readonly memory: SharedMemory | undefined;
  readonly #handlers: ChannelHandlers;
  readonly #name: string;
  readonly #toHost: Line<() => void>;
  readonly #toWorker: Line<HostMessage>;
  #listener: ((message: HostMessage) => void) | undefined;
  #hasExited = false;

  constructor(handlers: ChannelHandlers, worker: WorkerIdentity, faults: FakeFaults) {
    const { turns = 1, sharesMemory = false } = faults;
    this.memory = sharesMemory
      ? { words: new Int32Array(new SharedArrayBuffer(SHARED_BYTES)) }
      : undefined;
    this.#handlers = handlers;
    this.#name = worker.name;
    this.#toHost = new Line(turns, (deliver) => deliver());
    this.#toWorker = new Line(turns, (message) => this.#listener?.(message));
    alive.set(worker.name, this);
    if (faults.diesAtStart?.(worker)) this.exit({ code: 1 });
    else serve(this.#port(), { sharedRealm: true });
  }

  send(message: HostMessage, transfer: ArrayBuffer[] = []): void {
    if (this.#hasExited)
      throw new ChannelEndedError(`Cannot send message: worker "${this.#name}" has exited`);
    this.#toWorker.push(
      sendMoving(transfer, (list) => structuredClone(message, { transfer: list as ArrayBuffer[] })),
    );
  }

  terminate(): void {
    this.exit({ signal: "SIGKILL" });
  }

  /** Cuts the worker off: what it sent before still arrives, and then its end. */
  exit(exit: WorkerExit = { code: 0 }): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    alive.delete(this.#name);
    // What ends a real worker's clocks with it: this one's run in the host's realm.
    this.#listener?.({ kind: "stop" });
    this.#toWorker.close();
    this.#toHost.push(() => this.#handlers.onExit(exit));
  }

  #port(): Port {
    return {
      memory: this.memory,
      listen: (onMessage) => {
        this.#listener = onMessage;
      },
      exit: () => this.exit(),
      send: (message: WorkerMessage, transfer = []) => {
        const copy = sendMoving(transfer, (list) =>
          structuredClone(message, { transfer: list as ArrayBuffer[] }),
        );
        // Code of an ended worker runs on in this realm, but nobody hears it.
        if (!this.#hasExited) this.#toHost.push(() => this.#handlers.onMessage(copy));
      },
    };
  }
}

/** Carries items to `deliver`, in order, each some turns of the event loop after it was sent. */
class Line<T> {
  readonly #turns: number;
  readonly #deliver: (item: T) => void;
  readonly #items: { item: T; turns: number }[] = [];
  #next: ReturnType<typeof setImmediate> | undefined;

  constructor(turns: number, deliver: (item: T) => void) {
    this.#turns = turns;
    this.#deliver = deliver;
  }

  push(item: T): void {
    this.#items.push({ item, turns: this.#turns });
    this.#next ??= setImmediate(() => this.#turn());
  }

  close(): void {
    this.#items.length = 0;
    if (this.#next !== undefined) clearImmediate(this.#next);
    this.#next = undefined;
  }

  /** Delivers what is due; what is sent meanwhile waits for the next turn. */
  #turn(): void {
    this.#next = undefined;
    for (const waiting of this.#items) waiting.turns--;
    const due = this.#items.filter(({ turns }) => turns <= 0).length;
    if (this.#items.length > due) this.#next = setImmediate(() => this.#turn());
    for (const { item } of this.#items.splice(0, due)) this.#deliver(item);
  }
}
