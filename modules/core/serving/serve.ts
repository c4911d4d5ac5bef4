// The worker's loop: takes calls from its port, makes them one after another, and sends the outcomes back.

import type { RunningCall } from "../async_context.ts";
import { isGenerator, type Marks, runtime } from "../brand.ts";
import { dataCloneError, UnsupportedRuntimeError, withCode } from "../errors.ts";
import type { ConsoleLevel } from "../events.ts";
import type { ClaimTable } from "../memory/claims.ts";
import { Constant } from "../memory/ring.ts";
import { type WorkerMemory, workerMemory } from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import type { HostMessage, LinkWord, Run, WireTask, WorkerMessage } from "../seam/messages.ts";
import { cannotCross, describe, encodeError, isRefusal, Packer } from "../seam/pack.ts";
import type { Link, Packed, Parts } from "../seam/packed.ts";
import { isPlain } from "../seam/plain.ts";
import { decodeError, unpack, unpackEach } from "../seam/unpack.ts";
import type { AnyFunction, Task } from "../task.ts";
import {
  ArrivedHandle,
  BEFORE_OUTCOME,
  contextSlot,
  functionKey,
  type HandleBook,
  type LinkPlug,
  OPEN_LINK,
  type OpenContext,
  SHARED,
  type ShareBook,
  TASK_OF,
} from "../task_context.ts";
import type { Transferred } from "../transferred.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Capture, Print } from "./console_capture.ts";
import { encodeAs, OutcomeWriter, unsendable } from "./outcome_writer.ts";

/** What differs for a worker that is only another slot on the host's own event loop. */
export interface ServeOptions {
  /** Values and errors pass by reference: nothing is encoded. Default: false. */
  byReference?: boolean;
  /** Other tasks run in this realm between the awaits of one. Default: false. */
  sharedRealm?: boolean;
  /** In a shared realm: tells later whose code it is that runs. */
  marks?: Marks<RunningCall> | undefined;
}

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

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what it looks for
const COLOURS = /\x1b\[[\d;]*m/g;

/** What came together. Through the ring a batch has one run, and no `first`: it follows on the one before. */
type Batch = Pick<HostMessage & { kind: "run" }, "define" | "announce" | "runs"> & {
  readonly first?: number;
  /** Nothing is known of it, but that one call was in it. */
  readonly isUnreadable?: boolean;
};

/**
 * Serves `port` until the host says stop.
 *
 * Listens before it returns. An entry file calls it in its first turn.
 */
export function serve(port: Port, options: ServeOptions = {}): Served {
  const server = new Server(port, options);
  port.listen((message) => server.take(message));
  return server;
}

/** Takes what the host says, and has its calls made. */
class Server implements Served {
  readonly #port: Port;
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

  constructor(port: Port, options: ServeOptions) {
    this.#port = port;
    const { byReference = false, sharedRealm = false, marks } = options;
    this.#sharedRealm = sharedRealm;
    this.#byReference = byReference;
    this.#outcomes = new OutcomeWriter(port, byReference, () => this.#maker.taskName);
    this.#maker = new CallMaker(port, this.#outcomes, this.#tasks, {
      byReference,
      sharedRealm,
      marks,
    });
  }

  take(message: HostMessage): void {
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
        this.#maker.hear(message);
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
    this.#maker.flush();
  }

  async #start(message: HostMessage & { kind: "start" }): Promise<void> {
    const { memory } = this.#port;
    this.#memory = workerMemory(memory);
    this.#maker.start(message.worker, this.#memory?.claims ?? memory?.claims);
    if (message.rings === true && this.#memory !== undefined) {
      this.#rings = true;
      this.#outcomes.useRing(this.#memory);
    }
    if (!this.#byReference) contextSlot.arrived ??= new Map();
    this.#idleTimeout = message.idleTimeout;
    this.#finalizer = message.finalizer;
    try {
      if (message.inspect !== undefined) this.#letDebuggersIn(message.inspect === "brk");
      if (message.debug === true) await this.#maker.debug();
      if (message.console === true) await this.#maker.captureConsole();
      if (message.initializer !== undefined) {
        this.#isInitialized = true;
        const initialize = await load(message.initializer, this.#sharedRealm);
        const { args, parts } = message.initializer;
        if (parts !== undefined) unpack(parts);
        const hasHandles = parts?.parts.some(({ kind }) => kind === "handle") === true;
        if (hasHandles) await loadWhatOpens(args);
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
      if (this.#finalizer !== undefined) await (await load(this.#finalizer, this.#sharedRealm))();
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
    let turn = performance.now();
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
        if (this.#rings && since - turn > TURN_MS) turn = await giveTurn();
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

/** What of a link is told of its call. */
interface LinkEnd {
  hear(word: LinkWord | undefined): void;
  flush: (() => void) | undefined;
}

/** Makes calls, one after another, and knows the one that runs. */
class CallMaker {
  readonly #port: Port;
  readonly #outcomes: OutcomeWriter;
  readonly #byReference: boolean;
  readonly #sharedRealm: boolean;
  readonly #marks: Marks<RunningCall> | undefined;
  readonly #link: Link;
  #claims: Pick<ClaimTable, "begin"> | undefined = undefined;
  #worker: WorkerIdentity = { id: -1, name: "" };
  /** The tasks that the host has told of. */
  readonly #tasks: readonly WireTask[];
  /** Functions by task index, once loaded. A failed load is not kept: the next call tries again. */
  readonly #functions: (AnyFunction | undefined)[] = [];

  /** The call that runs: its seq, its id, and its abort controller once anyone asked for the signal. */
  #seq = -1;
  #id = -1;
  #task: Run["task"] = -1;
  #abort: AbortController | undefined = undefined;
  #abortReason: { reason: unknown } | undefined = undefined;
  /** What the call has opened that must not outlive it. */
  #opened: Set<() => Promise<void>> | undefined = undefined;
  /** Who is at this end of the links of the call, by their numbers. */
  #links: Map<number, LinkEnd> | undefined = undefined;
  #nextLink = 0;
  /** Whether the call has sent a message of its own: its outcome must not overtake it through the ring. */
  #hasSpoken = false;
  /** Has what calls print go to the host. */
  #capture: Capture | undefined = undefined;
  /** Keeps calls from changing what is not theirs. */
  #freeze: ((fn: AnyFunction) => AnyFunction) | undefined = undefined;
  /** How many calls were begun here. */
  #made = 0;
  /** Tasks that were seen not to end in the turn they begin in: only those can wait for a timer of their own. */
  readonly #waiting: boolean[] = [];
  /** In a shared realm: a function that ended in the turn it began in. It submits nothing later. */
  #prompt: AnyFunction | undefined = undefined;

  constructor(
    port: Port,
    outcomes: OutcomeWriter,
    tasks: readonly WireTask[],
    { byReference, sharedRealm, marks }: Required<ServeOptions>,
  ) {
    this.#port = port;
    this.#outcomes = outcomes;
    this.#tasks = tasks;
    this.#byReference = byReference;
    this.#sharedRealm = sharedRealm;
    this.#marks = marks;
    this.#link = { isProcess: port.sharesBuffers === false };
  }

  /** What is known once the host has spoken. */
  start(worker: WorkerIdentity, claims: Pick<ClaimTable, "begin"> | undefined): void {
    this.#worker = worker;
    this.#claims = claims;
  }

  /** From now on calls are looked at one by one. */
  async debug(): Promise<void> {
    const { tellWholeStacks, withFrozenData } = await import("./debugging.ts");
    if (!this.#sharedRealm) tellWholeStacks();
    this.#freeze = (fn) => withFrozenData(fn, this.#byReference);
  }

  /** From now on what is printed goes to the host. */
  async captureConsole(): Promise<void> {
    const { captureConsole } = await import("./console_capture.ts");
    const others: Print = (level, text) => this.#printed(-1, level, text);
    this.#capture = await captureConsole(this.#sharedRealm ? undefined : others);
  }

  /** Tells what the call of that number has printed, or what is left of it. */
  #printed(seq: number, level: ConsoleLevel, text: string): void {
    if (seq >= 0 && seq === this.#seq) this.#say({ kind: "console", seq, level, text });
    else this.#port.send({ kind: "console", level, text });
  }

  /** A function itself, as it is called here. */
  #own(fn: AnyFunction): AnyFunction {
    const own = this.#freeze === undefined ? fn : this.#freeze(fn);
    return this.#capture === undefined ? own : this.#captured(own, this.#capture);
  }

  /** Makes a function whose prints go to the host. */
  #captured(fn: AnyFunction, capture: Capture): AnyFunction {
    return (...args) => {
      const seq = this.#seq;
      return capture(
        (level, text) => this.#printed(seq, level, text),
        () => fn(...args),
      );
    };
  }

  /** Makes one call and gathers its outcome; returns a promise only if the call does not end in this turn. */
  make(run: Run, index: number, seq: number, announce: boolean): Promise<void> | undefined {
    // The claim comes before anything of the task, its module included, is touched: what is lost from here on was
    // running, and what is lost before was waiting (invariant 3).
    if (this.#claims?.begin(seq) === false) {
      this.#outcomes.skip(seq);
      return undefined;
    }
    this.#seq = seq;
    this.#made++;
    this.#id = run.id + index;
    this.#task = run.task;
    this.#abort = undefined;
    this.#abortReason = undefined;
    this.#hasSpoken = false;
    if (run.parts !== undefined) return this.#makeWithInstances(run, run.parts, announce);
    if (run.handles === true) return this.#makeWithHandles(run, index, announce);
    return this.#makeBegun(run, index, announce);
  }

  /** Makes a call that was given instances of classes, which its module has registered, or what that imports. */
  async #makeWithInstances(run: Run, parts: Parts, announce: boolean): Promise<void> {
    const task = run.task as number;
    if (this.#functions[task] === undefined && (await this.#load(task)) === undefined) return;
    const [spoilt] = unpackEach(parts);
    if (spoilt !== undefined) {
      const [argument, error] = spoilt;
      this.#fail(failureToBegin(this.taskName, argument, error));
      return;
    }
    const handles = parts.parts.some(({ kind }) => kind === "handle");
    const whole: Run = { ...run, handles, parts: undefined };
    await (handles
      ? this.#makeWithHandles(whole, 0, announce)
      : this.#makeBegun(whole, 0, announce));
  }

  /** Makes a call that was given handles: each is made for this call. What makes them is loaded for the first one. */
  #makeWithHandles(run: Run, index: number, announce: boolean): Promise<void> | undefined {
    const args = argsOf(run, index);
    const open = (): Promise<void> | undefined => {
      let own: unknown[];
      try {
        own = openHandles(args, this.#openContext());
      } catch (error) {
        this.#fail(error);
        return undefined;
      }
      return this.#makeBegun({ ...run, count: 1, args: own }, 0, announce);
    };
    return loadWhatOpens(args)?.then(open, (error) => this.#fail(error)) ?? open();
  }

  #makeBegun(run: Run, index: number, announce: boolean): Promise<void> | undefined {
    const seq = this.#seq;
    const fn = typeof run.task === "function" ? this.#own(run.task) : this.#functions[run.task];
    if (fn === undefined) return this.#loadAndCall(run, index, announce);
    if (announce) this.#say({ kind: "started", seq });
    let value: unknown;
    let later: PromiseLike<unknown> | undefined;
    contextSlot.current = this.#openContext;
    try {
      const isMarked = this.#sharedRealm
        ? fn !== this.#prompt && this.#marks !== undefined
        : typeof run.task === "number" && this.#waiting[run.task] === true;
      value = isMarked ? this.#callMarked(fn, run, index) : callWith(fn, run, index);
      const then = thenOf(value);
      if (then !== undefined) later = settledBy(value, then);
    } catch (error) {
      if (this.#opened !== undefined) return this.#settleLater(Promise.reject(error));
      this.#fail(error);
      return undefined;
    } finally {
      if (this.#sharedRealm) contextSlot.current = undefined;
    }
    if (later !== undefined) {
      if (this.#sharedRealm) this.#prompt = undefined;
      else if (typeof run.task === "number") this.#waiting[run.task] = true;
      return this.#settleLater(later);
    }
    if (this.#sharedRealm) this.#prompt = fn;
    if (this.#opened !== undefined) return this.#settleLater(Promise.resolve(value));
    return this.#succeed(value);
  }

  /** Calls `fn` so that what it throws later is known to be the call's own, or what it submits later. */
  #callMarked(fn: AnyFunction, run: Run, index: number): unknown {
    const call = () => callWith(fn, run, index);
    if (this.#marks !== undefined)
      return this.#marks.run({ id: this.#id, worker: this.#worker }, call);
    return runtime.marks === undefined ? call() : runtime.marks.run(this.#seq, call);
  }

  /** Sends a message about the call that runs. */
  #say(message: WorkerMessage, transfer?: readonly Transferred[]): void {
    this.#hasSpoken = true;
    this.#port.send(message, transfer);
  }

  /** Loads a task's function; undefined where that has failed, and its call with it. */
  async #load(task: number): Promise<AnyFunction | undefined> {
    // What is finished must not wait for a module that may never load.
    this.#outcomes.flush();
    this.#say({ kind: "loading" });
    let fn: AnyFunction;
    try {
      const wire = this.#tasks[task] as WireTask;
      fn = await load(wire, this.#sharedRealm);
      if (wire.does !== undefined)
        fn = (await import("./actor_seat.ts")).actorCall(fn, wire.does, this);
      // Loaded only where there are streams: what a worker loads before it can begin is kept small.
      if (wire.stream !== undefined)
        fn = (await import("./producer.ts")).producerOf(fn, wire.stream);
      if (wire.around !== undefined) fn = await wrapped(fn, wire.around);
      fn = this.#own(fn);
    } catch (error) {
      this.#port.send({ kind: "loaded" });
      this.#fail(error);
      return undefined;
    }
    this.#functions[task] = fn;
    this.#port.send({ kind: "loaded" });
    return fn;
  }

  async #loadAndCall(run: Run, index: number, announce: boolean): Promise<void> {
    const seq = this.#seq;
    const fn = await this.#load(run.task as number);
    if (fn === undefined) return;
    if (announce) this.#say({ kind: "started", seq });
    let value: unknown;
    contextSlot.current = this.#openContext;
    try {
      const returned =
        this.#sharedRealm && this.#marks === undefined
          ? callWith(fn, run, index)
          : this.#callMarked(fn, run, index);
      if (this.#sharedRealm) contextSlot.current = undefined;
      value = await returned;
    } catch (error) {
      if (this.#opened !== undefined) await this.#endOpened();
      this.#fail(error);
      return;
    } finally {
      if (this.#sharedRealm) contextSlot.current = undefined;
    }
    if (this.#opened !== undefined) await this.#endOpened();
    const reading = this.#succeed(value);
    if (reading !== undefined) await reading;
  }

  async #settleLater(returned: PromiseLike<unknown>): Promise<void> {
    // Before a wait of unknown length, what is finished goes out.
    this.#outcomes.flush();
    let value: unknown;
    try {
      value = await returned;
    } catch (error) {
      if (this.#opened !== undefined) await this.#endOpened();
      this.#fail(error);
      return;
    }
    if (this.#opened !== undefined) await this.#endOpened();
    const reading = this.#succeed(value);
    if (reading !== undefined) await reading;
  }

  /** Ends what the call has left open, what is opened meanwhile too. */
  async #endOpened(): Promise<void> {
    for (const end of this.#opened ?? []) await end();
    this.#opened = undefined;
  }

  /** Returns a promise only if something in the value has to be read before the next call may begin. */
  #succeed(value: unknown): Promise<void> | undefined {
    if (typeof value === "object" && value !== null && isGenerator(value)) {
      const what = `Cannot return from task "${this.taskName || nameOf(this.#task)}"`;
      this.#fail(new TypeError(`${what}: it is a generator; use stream() for it`));
      return undefined;
    }
    if (this.#links !== undefined) this.#endLinks();
    const seq = this.#seq;
    this.#seq = -1;
    const reading = this.#outcomes.succeed(seq, value, !this.#hasSpoken);
    if (reading !== undefined) this.#outcomes.flush();
    return reading;
  }

  #fail(error: unknown): void {
    if (this.#links !== undefined) this.#endLinks();
    const seq = this.#seq;
    this.#seq = -1;
    this.#outcomes.fail(seq, error);
  }

  /** A link is never older than its call. */
  #endLinks(): void {
    const links = this.#links;
    this.#links = undefined;
    for (const { hear } of links?.values() ?? []) hear(undefined);
  }

  /** The host has said a word on a link. */
  hear({ link, word }: HostMessage & { kind: "link" }): void {
    this.#links?.get(link)?.hear(word);
  }

  /** Has links of the call that runs say what they hold back. */
  flush(): void {
    for (const { flush } of this.#links?.values() ?? []) flush?.();
  }

  #openLink(seq: number, to: string, end: LinkEnd): LinkPlug {
    if (seq !== this.#seq)
      throw new ReferenceError(`Cannot open link to "${to}": the call has ended`);
    const link = this.#nextLink++;
    this.#links ??= new Map();
    this.#links.set(link, end);
    const say: LinkPlug["say"] = (word, transfer) => {
      if (seq !== this.#seq) return;
      if (word.does === "close") this.#links?.delete(link);
      this.#say({ kind: "link", seq, link, word }, transfer);
    };
    say({ does: "open", to });
    return {
      say,
      byReference: this.#byReference,
      isProcess: this.#link.isProcess,
      taskName: this.taskName || nameOf(this.#task),
      enter: (run) => this.#enter(run),
    };
  }

  /** Runs code of the call that runs in a realm that it shares with others. */
  #enter<R>(run: () => R): R {
    if (!this.#sharedRealm) return run();
    const { current } = contextSlot;
    contextSlot.current = this.#openContext;
    try {
      return run();
    } finally {
      contextSlot.current = current;
    }
  }

  /** The name of the task that runs, as far as it is known here. */
  get taskName(): string {
    // A function itself passes everything by reference, and refuses nothing.
    return typeof this.#task === "function" ? "" : (this.#tasks[this.#task]?.export ?? "");
  }

  /** Aborts the call that runs, if it is the one that is meant. */
  abort({ seq, reason }: HostMessage & { kind: "abort" }): void {
    if (seq !== this.#seq) return;
    this.#abortReason = { reason: decodeError(reason) };
    // First the word, then the signal: its listeners are the task's own code and may never return.
    this.#hasSpoken = true;
    this.#port.send({ kind: "aborting", seq });
    this.#abort?.abort(this.#abortReason.reason);
  }

  /** The call whose own is what was just thrown beside it, where that is certain. */
  seqOfFault(isInitialized: boolean): number | undefined {
    if (this.#seq < 0) return undefined;
    const mark = runtime.marks?.current();
    // In a worker that has done nothing else, nobody else could have left it behind.
    const isOwn = mark === undefined ? this.#made === 1 && !isInitialized : mark === this.#seq;
    return isOwn ? this.#seq : undefined;
  }

  /** Sends an error that is no outcome; one that cannot cross is told of all the same. */
  tell(kind: "failed" | "fault", error: unknown, seq?: number): void {
    const about = seq === undefined ? {} : { seq };
    try {
      this.#port.send({ kind, error: encodeAs(error, this.#byReference, this.#link), ...about });
    } catch {
      this.#port.send({ kind, error: encodeError(unsendable(), this.#link), ...about });
    }
  }

  readonly #openContext = (): OpenContext => {
    const seq = this.#seq;
    if (seq < 0) throw new ReferenceError("Cannot get task context: no task is running here");
    this.#abort ??= new AbortController();
    if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason.reason);
    return {
      id: this.#id,
      worker: this.#worker,
      signal: this.#abort.signal,
      progress: (fraction, detail) => {
        if (typeof fraction !== "number" || Number.isNaN(fraction)) {
          throw new TypeError(
            `Cannot report progress: expected a fraction from 0 to 1, got ${String(fraction)}`,
          );
        }
        // A report after the end has no one to go to.
        if (seq !== this.#seq) return;
        this.#sayProgress(seq, Math.min(1, Math.max(0, fraction)), detail);
      },
      [BEFORE_OUTCOME]: (end) => {
        const opened = this.#opened ?? new Set();
        if (seq === this.#seq) this.#opened = opened.add(end);
        return () => opened.delete(end);
      },
      [OPEN_LINK]: (to, hear, flush) => this.#openLink(seq, to, { hear, flush }),
    };
  };

  /** A report must not fail its task: what of it cannot cross is told in words, and reported. */
  #sayProgress(seq: number, fraction: number, detail: unknown): void {
    const say = (packed?: Packed) =>
      this.#say({
        kind: "progress",
        seq,
        fraction,
        ...(packed === undefined ? {} : { detail: packed }),
      });
    if (detail === undefined) return say();
    try {
      say(this.#packDetail(detail));
    } catch (error) {
      this.tell("fault", this.#explainedDetail(error));
      const words = new Packer(this.#link);
      say({ list: words.packThrown(detail), parts: words.parts });
    }
  }

  /** Where the platform itself has refused a detail, which does not know the task: what is said of it. */
  #explainedDetail(error: unknown): unknown {
    const what = `Cannot report progress of task "${this.taskName}"`;
    if (!isRefusal(error) || error.message.startsWith(what)) return error;
    return dataCloneError(`${what}: ${error.message}`);
  }

  #packDetail(detail: unknown): Packed {
    if (this.#byReference || isPlain(detail, !this.#link.isProcess)) return { list: [detail] };
    const packer = new Packer(this.#link);
    const list = packer.pack([detail], (_index, path, what) =>
      cannotCross(
        `Cannot report progress of task "${this.taskName}": detail${path} is ${what}`,
        this.#link,
        "from",
      ),
    );
    return { list, parts: packer.parts };
  }
}

function nameOf(task: Run["task"]): string {
  return typeof task === "function" ? task.name : "";
}

function failureToBegin(task: string | undefined, argument: number, error: unknown): DOMException {
  const what = `argument ${argument + 1} cannot be put together: ${describe(error)}`;
  return dataCloneError(`Cannot begin task "${task}": ${what}`);
}

/** Lets the event loop turn once, while there is work: neither a timer nor an abort may wait for ever. */
async function giveTurn(): Promise<number> {
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });
  port1.close();
  return performance.now();
}

/** Loads the module of a task and finds its function. */
async function load(task: WireTask, sharedRealm: boolean): Promise<AnyFunction> {
  const module = await importModule(task, sharedRealm);
  const find = task.export.includes(".")
    ? (await import("./nested_exports.ts")).nestedExport
    : exportOf;
  let isThere = false;
  for (const place of placesOfExports(module)) {
    const found = find(place, task.export);
    if (found === undefined) continue;
    isThere = true;
    const fn = functionOf(found.value);
    if (typeof fn === "function") return theOnly(fn as AnyFunction, task);
  }
  const kept = contextSlot.loaders?.get(functionKey(task.module, task.export));
  if (kept !== undefined)
    return (kept() as Record<string, AnyFunction>)[task.export] as AnyFunction;
  if (!isThere) {
    const what = `Cannot find task: module ${task.module} has no export "${task.export}"`;
    throw withCode(new ReferenceError(what), "CF_TASK_NOT_FOUND");
  }
  const what = `Cannot use task: export "${task.export}" of ${task.module} is not a function`;
  throw withCode(new TypeError(what), "CF_TASK_NOT_FOUND");
}

/** Makes sure that a module means one function by a name: what it exports, and what it has named a task itself. */
function theOnly(exported: AnyFunction, { module, export: name }: WireTask): AnyFunction {
  const kept = contextSlot.loaders?.get(functionKey(module, name));
  if (kept === undefined) return exported;
  let named: unknown;
  try {
    named = (kept() as Record<string, unknown>)[name];
  } catch {
    // It has named several, as a program does that is loaded anew: what it exports is the latest.
    return exported;
  }
  if (named === exported) return exported;
  const what = `Cannot use task: ${module} exports "${name}", and has named another function so; rename one`;
  throw withCode(new TypeError(what), "CF_TASK_NOT_FOUND");
}

function exportOf(place: object, name: string): { value: unknown } | undefined {
  if (!Object.hasOwn(place, name)) return undefined;
  return { value: (place as Record<string, unknown>)[name] };
}

/**
 * The function of what was found. A task, also one made by another copy of this library, has its function with it, and so has
 * a method that submits itself. Not by `isTask`: what a worker loads before it can begin is kept small
 * (docs/decisions/0024-starting.md).
 */
function functionOf(found: unknown): unknown {
  const task = (found as { [TASK_OF]?: Task } | null | undefined)?.[TASK_OF] ?? found;
  return typeof task === "function" ? task : (task as Partial<Task> | null)?.source?.fn;
}

/**
 * Puts around a function what follows its calls. A worker that cannot load that makes them all the same: it may be allowed
 * nothing, or be a program in one file. Then what comes behind the arguments is taken off.
 */
async function wrapped(fn: AnyFunction, around: string): Promise<AnyFunction> {
  try {
    const { wrap } = (await import(/* webpackIgnore: true */ around)) as {
      wrap(fn: AnyFunction): AnyFunction;
    };
    return wrap(fn);
  } catch {
    return (...args) => fn(...args.slice(0, -2));
  }
}

/**
 * Where a module keeps what it exports: in itself, or in the object that it exports by default. A module of CommonJS does
 * the latter, whatever the runtime has been able to tell of it by reading; and within that again, if it was a module of
 * JavaScript before some tool translated it.
 */
function* placesOfExports(module: object): Generator<object> {
  let place: unknown = module;
  for (let depth = 0; depth <= 2; depth++) {
    if ((typeof place !== "object" || place === null) && typeof place !== "function") return;
    yield place;
    place = (place as { default?: unknown }).default;
  }
}

async function importModule(task: WireTask, sharedRealm: boolean): Promise<object> {
  if (!sharedRealm) contextSlot.loading = task.module;
  try {
    const load = ownLoader(task, sharedRealm);
    // The comment keeps webpack from looking for it in its own bundle.
    const loading = load === undefined ? import(/* webpackIgnore: true */ task.module) : load();
    return (await loading) as object;
  } catch (cause) {
    // Some runtimes colour the messages of their module loader.
    const why = String((cause as Partial<Error>)?.message ?? cause).replaceAll(COLOURS, "");
    const what = `Cannot load task "${task.export}": module ${task.module} cannot be imported: ${why}`;
    throw withCode(new ReferenceError(what, { cause }), "CF_TASK_NOT_FOUND");
  } finally {
    contextSlot.loading = undefined;
  }
}

/**
 * How this program itself loads a module that it has named; nothing where modules are found by their URLs. A program that is
 * its own worker takes no others: who starts it gets its tasks and no more.
 */
function ownLoader(
  { module, export: name }: WireTask,
  sharedRealm: boolean,
): (() => unknown) | undefined {
  const { loaders, ownWorker } = contextSlot;
  if (sharedRealm) return loaders?.get(module);
  if (ownWorker !== "running") return undefined;
  const load = loaders?.get(functionKey(module, name)) ?? loaders?.get(module);
  if (load !== undefined) return load;
  throw new ReferenceError(
    "this program is its own worker, and has not named it; name it where workers come by, too: " +
      'importTasks(new URL("./jobs.ts", import.meta.url), () => import("./jobs.ts"))',
  );
}

/** Calls `fn` with the arguments of one call of a run. */
function callWith(fn: AnyFunction, run: Run, index: number): unknown {
  if (run.arity === 1) return fn(run.args[index]);
  return fn(...argsOf(run, index));
}

function argsOf({ args, arity, count }: Run, index: number): readonly unknown[] {
  return count === 1 ? args : args.slice(index * arity, (index + 1) * arity);
}

/** Loads what makes the handles among arguments, where nobody has yet; undefined where all is there. */
function loadWhatOpens(args: readonly unknown[]): Promise<unknown> | undefined {
  const { handles, shares } = contextSlot;
  const isMissing = (arg: unknown) =>
    arg instanceof ArrivedHandle && (arg.wire.kind === SHARED ? shares : handles) === undefined;
  const missing = args.filter(isMissing) as ArrivedHandle[];
  if (missing.length === 0) return undefined;
  return Promise.all(
    missing.map(({ wire }) => (wire.kind === SHARED ? loadShares() : loadHandles())),
  );
}

async function loadShares(): Promise<void> {
  (await import("../shared_value.ts")).installShares();
}

async function loadHandles(): Promise<void> {
  await contextSlot.loadHandles?.();
  if (contextSlot.handles === undefined)
    throw new TypeError("Cannot begin task: this worker knows nothing of handles");
}

/** Makes the handles among the arguments of a call. */
function openHandles(args: readonly unknown[], context: OpenContext | undefined): unknown[] {
  const { handles, shares } = contextSlot;
  return args.map((arg) => {
    if (typeof arg !== "object" || arg === null) return arg;
    if (arg instanceof ArrivedHandle) {
      if (arg.wire.kind === SHARED) return (shares as ShareBook).open(arg);
      return (handles as HandleBook).open(arg.wire, context);
    }
    return context !== undefined && handles?.has(arg) === true ? handles.lend(arg, context) : arg;
  });
}

/** The method that makes `value` a thenable. Read once, as promises do: it may be a getter. */
function thenOf(value: unknown): PromiseLike<unknown>["then"] | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function")
    return undefined;
  const { then } = value as PromiseLike<unknown>;
  return typeof then === "function" ? then : undefined;
}

/** Makes a promise of any thenable: settled once, whatever that calls back, and how often. */
function settledBy(value: unknown, then: PromiseLike<unknown>["then"]): PromiseLike<unknown> {
  if (then === Promise.prototype.then) return value as Promise<unknown>;
  return new Promise((resolve, reject) => Reflect.apply(then, value, [resolve, reject]));
}
