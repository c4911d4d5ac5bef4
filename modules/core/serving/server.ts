// Server, the worker's loop: takes calls from its port, makes them one after another, and sends the outcomes back.

import { runtime } from "../brand.ts";
import { UnsupportedRuntimeError } from "../errors.ts";
import { Constant } from "../memory/ring.ts";
import { type WorkerMemory, workerMemory } from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import type { HostMessage, Run, WireTask } from "../seam/messages.ts";
import { unpack, unpackEach } from "../seam/unpack.ts";
import type { AnyFunction } from "../task.ts";
import { contextSlot } from "../task_context.ts";
import {
  CallMaker,
  failureToBegin,
  loadWhatOpens,
  openHandles,
  type ServeOptions,
} from "./call_maker.ts";
import { loadTask, type RareParts } from "./load_task.ts";
import { OutcomeWriter } from "./outcome_writer.ts";

/** The running worker, for its entry file. */
export interface Served {
  /** Reports an error thrown beside the call that runs: by a timer, or in a rejection nobody handles. */
  fault(error: unknown): void;
  /** Sends what is finished but not sent yet, and begins nothing more: to be called before the worker exits on its own. */
  flush(): void;
}

/** After so many milliseconds at work in one turn of the event loop, timers and messages get theirs. */
const TURN_MS = 10;
/** So long a worker watches the ring after an outcome that its host was waiting for in place, in milliseconds. */
const WATCH_MS = 0.1;
/** Looks at the ring between two looks at the clock. */
const WATCH_LOOKS = 32;

/** What came together. Through the ring a batch has one run, and no `first`: it follows on the one before. */
type Batch = Pick<HostMessage & { kind: "run" }, "define" | "announce" | "runs"> & {
  readonly first?: number;
  /** Nothing is known of it, but that one call was in it. */
  readonly isUnreadable?: boolean;
};

/** Serves as `serve` does (serve.ts), with what few calls need from wherever the worker has it. */
export function serveWith(rareParts: RareParts, port: Port, options: ServeOptions = {}): Served {
  const server = new Server(port, rareParts, options);
  port.listen((message) => server.take(message));
  return server;
}

/** Takes what the host says, and has its calls made. */
class Server implements Served {
  readonly #port: Port;
  readonly #rareParts: RareParts;
  readonly #sharedRealm: boolean;
  readonly #byReference: boolean;
  /** Known from the start on: a port may learn of it by what its host says first. */
  #memory: WorkerMemory | undefined = undefined;
  /** Whether calls and outcomes go through the rings: the host says so. */
  #rings = false;
  readonly #tasks: WireTask[] = [];
  readonly #inbox: Batch[] = [];
  #isReady = false;
  #serving = false;
  /** The seq of the next call. */
  #next = 0;

  readonly #outcomes: OutcomeWriter;
  readonly #maker: CallMaker;
  #isInitialized = false;
  #finalizer: WireTask | undefined = undefined;
  /** The worker is about to exit on its own: nothing more is begun. */
  #isLeaving = false;

  #idleTimeout: number | undefined = undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(port: Port, rareParts: RareParts, options: ServeOptions) {
    this.#port = port;
    this.#rareParts = rareParts;
    const { byReference = false, sharedRealm = false, marks } = options;
    this.#sharedRealm = sharedRealm;
    this.#byReference = byReference;
    this.#outcomes = new OutcomeWriter(port, byReference, () => this.#maker.taskName);
    this.#maker = new CallMaker(port, rareParts, this.#outcomes, this.#tasks, {
      byReference,
      sharedRealm,
      marks,
    });
  }

  take(message: HostMessage): void {
    this.#maker.links.look();
    switch (message.kind) {
      case "start":
        void this.#start(message);
        return;
      case "run":
        this.#inbox.push(this.#putTogether(message));
        if (!this.#serving) void this.#serve();
        return;
      case "look":
        if (!this.#serving) void this.#serve();
        return;
      case "abort":
        this.#maker.abort(message);
        return;
      case "link":
        this.#maker.links.receive(message);
        return;
      case "unreadable":
        // In its turn: calls before it go on.
        this.#inbox.push({ runs: [], isUnreadable: true });
        if (!this.#serving) void this.#serve();
        return;
      case "free":
        contextSlot.arrived?.delete(message.id);
        return;
      case "ping":
        this.#port.send({ kind: "pong" });
        return;
      case "stop":
        clearTimeout(this.#idleTimer);
        if (message.finalizes === true && this.#isReady) void this.#finalize();
        // While a task runs there is no waiting for anything: no task can refuse to be stopped.
        else if (this.#isReady && !this.#serving) this.#leave();
        else this.#port.exit();
        return;
      default:
        message satisfies never;
    }
  }

  /**
   * Makes whole what came in parts. Where that fails (a task may have replaced the platform's own classes) the call fails in
   * its place: one that is not served would be waited for, and everything behind it.
   */
  #putTogether(message: HostMessage & { kind: "run" }): Batch {
    const { parts } = message;
    if (parts === undefined) return message;
    // The module of the task may be what knows the class: it is loaded first. Such a call comes alone.
    if (parts.parts.some(({ kind }) => kind === "instance"))
      return { ...message, runs: message.runs.map((run) => ({ ...run, parts })) };
    const failed = unpackEach(parts);
    const hasHandles = parts.parts.some(({ kind }) => kind === "handle");
    const runs = hasHandles ? message.runs.map((run) => ({ ...run, handles: true })) : message.runs;
    if (failed.size === 0) return { ...message, runs };
    let before = 0;
    const tried = runs.flatMap((run): Run[] => {
      const { count, arity, args, id, task } = run;
      const from = before;
      before += args.length;
      return Array.from({ length: count }, (_, index): Run => {
        const own = args.slice(index * arity, (index + 1) * arity);
        const spoilt = own.findIndex((_, at) => failed.has(from + index * arity + at));
        const call = { id: id + index, count: 1, arity, args: own };
        if (spoilt < 0) return { ...call, task, handles: hasHandles };
        const error = failed.get(from + index * arity + spoilt);
        return { ...call, handles: false, task: () => this.#failToBegin(task, spoilt, error) };
      });
    });
    return { ...message, runs: tried };
  }

  #failToBegin(task: Run["task"], argument: number, error: unknown): never {
    const name = typeof task === "number" ? this.#tasks[task]?.export : task.name;
    throw failureToBegin(name, argument, error);
  }

  fault(error: unknown): void {
    this.#maker.tell("fault", error, this.#maker.seqOfFault(this.#isInitialized));
  }

  flush(): void {
    this.#isLeaving = true;
    this.#outcomes.flush();
    this.#maker.links.flush();
  }

  async #start(message: HostMessage & { kind: "start" }): Promise<void> {
    const { memory } = this.#port;
    this.#memory = workerMemory(memory);
    this.#maker.start(message.worker, this.#memory?.claims ?? memory?.claims);
    if (message.rings === true && this.#memory !== undefined) {
      this.#rings = true;
      this.#outcomes.useRing(this.#memory);
      this.#maker.links.useRing(this.#memory);
    }
    if (!this.#byReference) contextSlot.arrived ??= new Map();
    this.#idleTimeout = message.idleTimeout;
    this.#finalizer = message.finalizer;
    try {
      if (message.inspect !== undefined) this.#letDebuggersIn(message.inspect === "brk");
      if (message.debug === true)
        (await this.#rareParts.debugging()).debugCalls(this.#maker, {
          sharedRealm: this.#sharedRealm,
          byReference: this.#byReference,
        });
      if (message.console === true)
        await (await this.#rareParts.consoleCapture()).captureCalls(this.#maker, this.#sharedRealm);
      if (message.initializer !== undefined) {
        this.#isInitialized = true;
        const initialize = await this.#load(message.initializer);
        const { args, parts } = message.initializer;
        if (parts !== undefined) unpack(parts);
        const hasHandles = parts?.parts.some(({ kind }) => kind === "handle") === true;
        if (hasHandles)
          await Promise.all([loadWhatOpens(args, this.#rareParts), this.#maker.links.loadRings()]);
        await initialize(...(hasHandles ? openHandles(args, undefined) : args));
      }
    } catch (error) {
      this.#maker.tell("failed", error);
      return;
    }
    this.#isReady = true;
    this.#port.send({ kind: "ready" });
    this.#armIdle();
  }

  #load(task: WireTask): Promise<AnyFunction> {
    return loadTask(task, this.#sharedRealm, this.#rareParts);
  }

  /** On this machine only, at an address that nobody guesses. */
  #letDebuggersIn(waits: boolean): void {
    const inspector = runtime.inspector?.();
    if (inspector === undefined)
      throw new UnsupportedRuntimeError("Cannot inspect: no debugger reaches this worker");
    if (inspector.url() === undefined) inspector.open(0, "127.0.0.1");
    const url = inspector.url();
    // Said first: whoever waits for a debugger says nothing more.
    if (url !== undefined) this.#port.send({ kind: "inspector", url });
    if (waits) inspector.waitForDebugger();
  }

  /** Does what is to be done before the end, which it cannot prevent. */
  async #finalize(): Promise<void> {
    try {
      if (this.#finalizer !== undefined) await (await this.#load(this.#finalizer))();
    } catch (error) {
      this.#maker.tell("fault", error);
    }
    this.#leave();
  }

  #leave(): void {
    if (this.#port.leave === undefined) this.#port.exit();
    else this.#port.leave();
  }

  /**
   * Makes the calls of everything that has come, and of what comes meanwhile.
   *
   * What a call throws is its outcome. What is thrown beside one leaves nothing to go on from: the ring may be in the middle
   * of a record. Such a worker ends, or it would hold its calls for ever.
   */
  async #serve(): Promise<void> {
    this.#serving = true;
    try {
      await this.#serveAll();
    } catch (error) {
      this.#isLeaving = true;
      try {
        this.#maker.tell("fault", error);
      } finally {
        this.#port.exit();
      }
    }
  }

  async #serveAll(): Promise<void> {
    if (this.#idleTimer !== undefined) clearTimeout(this.#idleTimer);
    if (this.#rings) this.#memory?.own.wake();
    let turnedAt = performance.now();
    let isAwaited = false;
    do {
      for (let batch = this.#nextBatch(); batch !== undefined; batch = this.#nextBatch()) {
        const { first = this.#next, define, announce = false, runs } = batch;
        this.#next = first;
        if (batch.isUnreadable === true) return this.#giveUpUnread();
        if (define !== undefined) this.#tasks.push(...define);
        const since = this.#outcomes.resume();
        for (const run of runs) {
          for (let index = 0; index < run.count; index++) {
            if (this.#isLeaving) return;
            // Only a task that awaits costs a turn of the event loop: a batch of short ones runs through.
            const pending = this.#maker.make(run, index, this.#next++, announce);
            if (pending !== undefined) await pending;
            this.#outcomes.made(pending !== undefined);
          }
        }
        // After everything that had come, not only when there is nothing more: the host refills this worker as outcomes
        // come in.
        isAwaited = this.#outcomes.flush();
        if (this.#rings && since - turnedAt > TURN_MS) {
          await turn();
          turnedAt = performance.now();
        }
      }
    } while ((isAwaited && this.#watch()) || !this.#sleep());
    this.#serving = false;
    this.#armIdle();
  }

  /** Leaves a call to the host that cannot be read here. It may have told of tasks, too: this worker can make no more. */
  #giveUpUnread(): void {
    this.flush();
    this.#port.send({ kind: "unreadable", seq: this.#next });
  }

  /** What came next, by message or through the ring. */
  #nextBatch(): Batch | undefined {
    const calls = this.#memory?.calls;
    if (!this.#rings || calls === undefined) return this.#inbox.shift();
    if (calls.isEmpty) return undefined;
    if (calls.peek() === Constant.throughChannel) {
      // The mark may be here before the message.
      if (this.#inbox.length === 0) return undefined;
      calls.take();
      calls.release();
      return this.#inbox.shift();
    }
    const count = calls.takeNumber();
    const task = calls.takeNumber();
    const id = calls.takeNumber();
    const arity = calls.takeNumber();
    const args: unknown[] = [];
    for (let left = count * arity; left > 0; left--) args.push(calls.takeValue());
    calls.release();
    return { runs: [{ task, id, count, arity, args }] };
  }

  /** Watches the ring for a while; true when something has come. A host that waits in place has more in a moment. */
  #watch(): boolean {
    const { calls } = this.#memory as WorkerMemory;
    const since = performance.now();
    while (performance.now() - since < WATCH_MS) {
      for (let look = 0; look < WATCH_LOOKS; look++) {
        // What comes through the channel needs a turn of the event loop.
        if (!calls.isEmpty) return calls.peek() !== Constant.throughChannel;
      }
    }
    return false;
  }

  /** Asks to be told from now on; false when something has come in the last moment. */
  #sleep(): boolean {
    if (!this.#rings) return this.#inbox.length === 0;
    const { calls, own } = this.#memory as WorkerMemory;
    own.sleep();
    if (calls.isEmpty || (calls.peek() === Constant.throughChannel && this.#inbox.length === 0))
      return true;
    own.wake();
    return false;
  }

  /** The clock of an idle worker runs here, where it keeps no program alive. */
  #armIdle(): void {
    if (this.#idleTimeout === undefined || this.#serving) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#port.send({ kind: "idle" }), this.#idleTimeout);
    // In a page it is a number.
    (this.#idleTimer as { unref?(): void }).unref?.();
  }
}

// Not known everywhere. Where it is, a channel costs twenty microseconds, holds its program while it is open, and the first
// one of a thread of Node's that has `onmessage` loads all of its `fetch`: 90 ms.
// What stands there is noted now, and read when it is needed: Deno makes it when it is read, which takes 4 ms.
const immediate = Object.getOwnPropertyDescriptor(globalThis, "setImmediate");

type Later = (act: () => void) => unknown;

let setLater: Later | undefined;

function later(act: () => void): void {
  setLater ??= ((immediate?.get?.call(globalThis) ?? immediate?.value) as Later) ?? byChannel;
  setLater(act);
}

function byChannel(act: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    act();
  };
  port2.postMessage(undefined);
}

/** Resolves when the event loop has turned once: what comes by timers and messages gets its turn, while there is work. */
export function turn(): Promise<void> {
  return new Promise(later);
}
