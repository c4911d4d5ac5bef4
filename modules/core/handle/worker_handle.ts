// WorkerHandle: the host's end of one worker — what it was sent, what it reports, and its clocks.
//
// | state    | becomes  | because                                                  |
// |----------|----------|----------------------------------------------------------|
// | starting | ready    | the worker said "ready"                                  |
// | ready    | stopping | idle too long, served its number of tasks, executor shut |
// | any      | gone     | the worker ended, whatever the cause                     |
//
// A ready worker is idle while its window is empty, and busy otherwise.

import { isInstance } from "../brand.ts";
import { BrokenExecutorError, CancelledError, TimeoutError } from "../errors.ts";
import { type HostMemory, hostMemory } from "../memory/shared_memory.ts";
import { type Channel, ChannelEndedError, type Spawn, type WorkerExit } from "../seam/channel.ts";
import { isWorkerMessage } from "../seam/message_check.ts";
import type { HostMessage, WireInitializer, WorkerMessage } from "../seam/messages.ts";
import { encodeError, type Parts, type WireError } from "../seam/pack.ts";
import { decodeError, unpack } from "../seam/unpack.ts";
import { MAX_TIMER, unrefTimer } from "../time/milliseconds.ts";
import type { Call, CallList, Work } from "../work/work.ts";
import type { WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import { CallWriter } from "./call_writer.ts";
import { Heartbeat } from "./heartbeat.ts";
import { MemoryLimit } from "./memory_limit.ts";
import { OutcomeReader } from "./outcome_reader.ts";
import { TaskClock } from "./task_clock.ts";
import { Window } from "./window.ts";

/** A call that was not sent. */
export interface Unsent {
  readonly call: Call;
  /** What is wrong with it. Undefined where nothing is: it runs elsewhere, or later. */
  readonly fault?: { readonly error: unknown };
}

/** What a handle reports to. */
export interface WorkerOwner {
  readonly observers: {
    /** Runs what tells observers of many things, one behind the other. */
    together<R>(tell: () => R): R;
  };
  /** The worker takes calls now, or has room for more. */
  onRoom(): void;
  /** A message has come: the event loop has turned. */
  onTurn(): void;
  /** The worker will never take calls: its initializer threw. */
  onFailed(handle: WorkerHandle, error: unknown): void;
  /** An error that belongs to no call; a task that runs, where one may wait for ever for what has thrown it. */
  onFault(handle: WorkerHandle, error: unknown, running?: string): void;
  /** The worker is gone. `begun` calls had begun, the last one ran; `waiting` ones had not. */
  onGone(handle: WorkerHandle, exit: WorkerExit, begun: Call[], waiting: Call[]): void;
}

/** The milliseconds and numbers a handle goes by. */
export interface WorkerLimits {
  readonly interruptGrace: number;
  readonly startTimeout: number;
  readonly idleTimeout: number | undefined;
  readonly maxTasks: number;
  /** Milliseconds a worker may be silent that runs no task. */
  readonly heartbeat: number | undefined;
  /** Bytes a worker may have, as its channel tells. */
  readonly memoryLimit: number | undefined;
  /** Values pass by reference: nothing is checked or encoded. */
  readonly byReference: boolean;
}

/** How long a worker that was told to stop may take, in milliseconds, before it is ended. */
const STOP_GRACE = 1000;
/** The same of one that waits for somebody to read what its tasks have printed. */
const LEAVE_GRACE = 5000;
/** What is to take so little, in milliseconds, is due before a message could bring it. */
const PROMPT_MS = 0.02;
/** A call that has thrown an error beside itself has so long to end as it would have without, in milliseconds. */
const LATE_MS = 1000;
/** A call sent so soon after an outcome, in milliseconds, comes from a program that awaits each before the next. */
const FOLLOWS_MS = 0.05;

/** One worker, as the scheduler sees it. */
export class WorkerHandle {
  readonly identity: WorkerIdentity;
  readonly #owner: WorkerOwner;
  readonly #limits: WorkerLimits;
  readonly #channel: Channel;
  readonly #shared: HostMemory | undefined;
  readonly window: Window;
  readonly #writer: CallWriter;
  readonly #reader: OutcomeReader;
  readonly #read = (): boolean => this.#reader.read();
  #state: "starting" | "ready" | "stopping" | "gone" = "starting";
  #everReady = false;
  #hasServed = false;
  #expected = false;
  /** It does what it was told, and takes its time. */
  #isLeaving = false;

  #taken = 0;
  /** When the worker last reported, on the monotonic clock. */
  #reportedAt = 0;
  /** Whether what was sent last followed at once on an outcome. */
  #follows = false;
  /** The call in front took so long that what was behind it was taken back. */
  #stalled = false;
  /** The call that is being ended: after its grace the worker is. */
  #ending:
    | {
        seq: number;
        responsive: boolean;
        final: boolean;
        timer: ReturnType<typeof setTimeout> | undefined;
      }
    | undefined;
  /** Start of the worker, or loading of a task's module: whichever goes on. */
  #startTimer: ReturnType<typeof setTimeout> | undefined = undefined;
  readonly #taskClock = new TaskClock();
  #stopTimer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** The call that has thrown an error beside itself: after a while it has failed. */
  #late: { seq: number; timer: ReturnType<typeof setTimeout> } | undefined = undefined;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #memory: MemoryLimit | undefined;
  /** Why the handle itself ended the worker, where it did. */
  #verdict: unknown = undefined;

  /** Starts a worker; throws what `spawn` throws. */
  constructor(
    spawn: Spawn,
    identity: WorkerIdentity,
    owner: WorkerOwner,
    limits: WorkerLimits,
    initializer: WireInitializer | undefined,
  ) {
    this.identity = identity;
    this.#owner = owner;
    this.#limits = limits;
    this.#channel = spawn(
      { onMessage: (message) => this.#hear(message), onExit: (exit) => this.#exited(exit) },
      identity,
    );
    this.#shared = hostMemory(this.#channel);
    const claims = this.#shared?.claims ?? this.#channel.claims;
    this.window = new Window(claims, this.#channel.keepsWord);
    this.#writer = new CallWriter(
      this.#channel,
      this.window,
      this.#shared,
      limits.byReference,
      () => this.#owner.onRoom(),
    );
    this.#reader = new OutcomeReader(this.window, this.#shared?.outcomes, identity, (seq) => {
      if (this.#ending?.seq === seq) this.#endingDone();
    });
    if (limits.heartbeat !== undefined) {
      const ask = () => this.#trySend({ kind: "ping" });
      this.#heartbeat = new Heartbeat(limits.heartbeat, ask, () => this.#fallenSilent());
    }
    if (limits.memoryLimit !== undefined) {
      const measure = () => this.#channel.inspect?.()?.memory;
      this.#memory = new MemoryLimit(limits.memoryLimit, measure, (bytes) => this.#outgrown(bytes));
    }
    this.#armStart();
    this.#trySend({
      kind: "start",
      worker: identity,
      ...(this.#shared === undefined ? {} : { rings: true }),
      ...(initializer === undefined ? {} : { initializer }),
      ...(limits.idleTimeout === undefined
        ? {}
        : { idleTimeout: Math.min(limits.idleTimeout, MAX_TIMER) }),
    });
  }

  get ready(): boolean {
    return this.#state === "ready";
  }

  get starting(): boolean {
    return this.#state === "starting";
  }

  /** Whether it takes calls, or will. */
  get serving(): boolean {
    return this.#state === "starting" || this.#state === "ready";
  }

  /** What it does, for people. */
  get status(): WorkerStatus {
    const state = this.#state === "ready" ? (this.busy ? "busy" : "idle") : this.#state;
    return { ...this.identity, state: state === "gone" ? "stopping" : state };
  }

  /** Whether it has ever been ready: one that has not failed to start. */
  get everReady(): boolean {
    return this.#everReady;
  }

  /** Whether it has ever told the outcome of a call. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** Whether its end was asked for: it tells nothing about the executor's health. */
  get expected(): boolean {
    return this.#expected;
  }

  /** How many calls it was sent that somebody waits for: a call that is being ended is settled for its user. */
  get unsettled(): number {
    return this.#ending === undefined ? this.window.live : this.window.live - 1;
  }

  /** Whether it has a call, or is still held by one that was given up. */
  get busy(): boolean {
    return this.window.live > 0;
  }

  /** Whether somebody waits for the call it runs. */
  get running(): boolean {
    const front = this.#frontCall();
    return front?.work.isSettled(front.index) === false;
  }

  /** How many more calls it takes, whatever it has: none while it starts, ends, has too much memory, or reads a file. */
  get quota(): number {
    if (this.#state !== "ready" || this.#memory?.isOver === true || this.#writer.isReading)
      return 0;
    return Math.max(0, this.#limits.maxTasks - this.#taken);
  }

  /** Whether the call in front has turned out long, or is being ended. */
  get isHeldUp(): boolean {
    return this.#stalled || this.#ending !== undefined;
  }

  /** When it last reported, or began anew, on the monotonic clock. */
  get reportedAt(): number {
    return this.#reportedAt;
  }

  /** Whether it is at work, or watches for some, and need not be woken. */
  get isAwake(): boolean {
    return this.#shared?.other.isAwake === true;
  }

  /**
   * Whether what it has is due within microseconds: the calls are known to be that short, and the worker is at work, or
   * will be for the next ones too.
   */
  get isDueAtOnce(): boolean {
    if (this.#shared === undefined || !(this.#follows || this.isAwake)) return false;
    if (this.#writer.hasSent) return false;
    const mean = this.#frontCall()?.work.terms.profile.mean;
    return mean !== undefined && mean * this.window.live < PROMPT_MS;
  }

  /** Whether what it has reported next is on its way through the channel: to wait in place for that is in vain. */
  get nextComesByMessage(): boolean {
    return this.#reader.waitsForChannel;
  }

  /** From now on the worker need not tell that it has reported something: the host looks by itself. */
  attend(): void {
    this.#shared?.own.wake();
  }

  /** From now on it has to tell again. */
  leave(): void {
    this.#shared?.own.sleep();
    this.look();
  }

  /** Settles what the worker has reported. */
  look(): void {
    if (this.#reader.hasMore) this.#advance();
  }

  /**
   * Sends calls, in one message if they can be cloned, and empties the list.
   *
   * @returns The calls that were not sent, and why: a value, not a call back (invariant 4).
   */
  send(calls: CallList): Unsent[] {
    const first = this.window.next;
    for (let at = 0; at < calls.length; at++)
      this.#push(calls.works[at] as Work, calls.indexes[at] as number);
    calls.clear();
    return this.#transmit(first);
  }

  /** Takes a call back; false if it has begun. */
  takeBack(seq: number): boolean {
    return this.window.takeBack(seq);
  }

  /** Takes back every call that waits behind the one in front, in order. */
  takeBackAll(): Call[] {
    return this.window.takeBackBehindFront();
  }

  /** Takes back every call of a work that has not begun, in order. */
  takeBackOf(work: Work): Call[] {
    return this.window.takeBackOf(work);
  }

  /** Ends the call of a work that runs here, if one does: of those that have begun the last. */
  endOf(work: Work, reason: CancelledError | TimeoutError): void {
    for (let seq = this.window.next - 1; seq >= this.window.head; seq--) {
      if (this.window.workAt(seq) === work && this.hasBegun(seq)) {
        this.end(seq, reason);
        return;
      }
    }
  }

  /** Notes that the call in front has turned out long. */
  stall(): void {
    this.#stalled = true;
    this.#noticeFront();
    // The guess that such calls are short was wrong: those taken back must not be sent behind another one of them.
    this.#frontCall()?.work.terms.profile.learn(performance.now() - this.#reportedAt, 0);
  }

  /** Whether a call in the window has begun. */
  hasBegun(seq: number): boolean {
    return this.window.hasBegun(seq);
  }

  /**
   * Ends a call that has begun: its signal aborts, and the worker is ended if the call does not end within the grace.
   * Whoever waits for it has been told already, or is told by the caller.
   *
   * @param final Whether the worker ends with it, whatever the call does.
   */
  end(seq: number, reason: CancelledError | TimeoutError, final = false): void {
    this.look();
    // What was being ended has ended, if the worker has begun this call: only its outcome is not here yet.
    if (this.#ending !== undefined && this.window.hasPassed(this.#ending.seq)) this.#endingDone();
    if (this.#state === "gone" || this.#ending !== undefined || this.takeBack(seq)) return;
    // It has ended, only its outcome is not here yet: what runs now is another call, and innocent.
    if (this.window.workAt(seq) === undefined || this.window.hasPassed(seq)) return;
    this.#ending = { seq, responsive: false, final, timer: undefined };
    const ending = this.#ending;
    // Code of the user's runs: the call may be seen to have ended.
    const told = this.#encode(reason);
    if (this.#ending !== ending) return;
    this.#trySend({ kind: "abort", seq, reason: told });
    const grace = this.#limits.interruptGrace;
    if (grace === 0) {
      this.#endNow();
      return;
    }
    // One that reacts but goes on is asked to exit; the call it runs cannot refuse that.
    const giveUp = () => (this.#ending?.responsive === true ? this.stop() : this.#endNow());
    ending.timer = setTimeout(giveUp, Math.min(grace, MAX_TIMER));
    unrefTimer(ending.timer);
  }

  /** Asks the worker to exit; one that does not within `grace` milliseconds is killed. */
  stop(grace: number = Math.max(STOP_GRACE, this.#limits.interruptGrace)): void {
    if (!this.serving) return;
    this.#state = "stopping";
    this.#expected = true;
    this.#trySend({ kind: "stop" });
    this.#armStop(grace);
  }

  #armStop(grace: number): void {
    clearTimeout(this.#stopTimer);
    this.#stopTimer = setTimeout(() => this.#kill(), Math.min(grace, MAX_TIMER));
    unrefTimer(this.#stopTimer);
  }

  /** Ends the worker now. What it has begun is lost with it, unless its outcome is on the way already. */
  terminate(): void {
    if (!this.serving) return;
    this.#verdict = new BrokenExecutorError(`Worker ${this.identity.id} was terminated`);
    const grace = this.#limits.interruptGrace;
    if (grace === 0) this.#endNow();
    else this.stop(Math.max(grace, this.#channel.askFirst ?? 0));
  }

  /** Cancels every call and ends the worker. */
  abortAll(): void {
    this.#endFront(new CancelledError("Cannot finish task: executor was terminated"));
    for (let seq = this.window.head; seq < this.window.next; seq++) {
      this.window.workAt(seq)?.cancel(this.window.indexAt(seq));
      this.takeBack(seq);
    }
    this.#stopSoon();
  }

  /** Ends a worker that is busy, now and without waiting for anything. */
  endUnheard(): void {
    if (!this.busy) return;
    if ((this.#channel.askFirst ?? 0) > 0) this.#trySend({ kind: "stop" });
    else this.#kill();
  }

  /** Fails every call and ends the worker. `error` makes one error for each. */
  failAll(error: () => unknown): void {
    this.#endFront(new CancelledError("Cannot finish task: executor is broken"));
    for (let seq = this.window.head; seq < this.window.next; seq++) {
      this.window.workAt(seq)?.fail(this.window.indexAt(seq), error());
      this.takeBack(seq);
    }
    this.#stopSoon();
  }

  #endFront(reason: CancelledError): void {
    const { front } = this.window;
    if (front !== undefined && this.hasBegun(front)) this.end(front, reason, true);
  }

  /**
   * Stops the worker as soon as it is known to react. To kill one that does is not only rude: a thread of Deno that is
   * terminated in the middle of running code burns on for ever.
   */
  #stopSoon(): void {
    if (this.#isLeaving) this.#kill();
    else if (this.#ending === undefined || this.#ending.responsive) this.stop();
    else this.#ending.final = true;
  }

  /** Ends the worker as soon as the platform can, without any time for its task. */
  #endNow(): void {
    const { askFirst = 0 } = this.#channel;
    if (askFirst === 0) this.#kill();
    // Nobody waits for the place of one that is not replaced: it may take longer to hear.
    else this.stop(this.#ending?.final === true ? STOP_GRACE : askFirst);
  }

  /** Ends the worker without asking. Its calls are reported with its end. */
  #kill(): void {
    this.#expected = true;
    // Nothing is sent to it any more, even if the call ends before the worker does.
    this.#state = "stopping";
    this.#channel.terminate(this.window.live > 0 && this.#ending?.responsive !== true);
  }

  #push(work: Work, index: number): void {
    work.sent(index, this, this.window.push(work, index));
  }

  /** Sends what is in the window from `first` on. */
  #transmit(first: number): Unsent[] {
    if (first === this.window.next) return [];
    try {
      this.#writer.write(first);
    } catch (error) {
      const calls = this.window.unsend(first);
      if (isInstance(error, ChannelEndedError)) {
        // Its end is on the way here, or it can be reached no more. Nothing more is sent; these run elsewhere.
        this.#state = "stopping";
        this.#stopTimer = setTimeout(() => this.#channel.terminate(true), STOP_GRACE);
        unrefTimer(this.#stopTimer);
        return calls.map((call) => ({ call }));
      }
      const [only] = calls;
      if (calls.length === 1) return [{ call: only as Call, fault: { error } }];
      // One call has spoiled the message for all: each is tried alone, and only that one fails.
      return calls.flatMap((call): Unsent[] => {
        const { work, index } = call;
        if (work.isSettled(index)) return [];
        // Behind one that waits for a file, or that has found the link cut, nothing may go.
        if (this.#writer.isReading || this.#state === "stopping") return [{ call }];
        this.#push(work, index);
        return this.#transmit(this.window.next - 1);
      });
    }
    this.#taken += this.window.next - first;
    if (first === this.window.head && first < this.window.next) {
      this.#memory?.watch();
      const now = performance.now();
      this.#follows = now - this.#reportedAt < FOLLOWS_MS;
      this.#reportedAt = now;
      // What waits for a file has not left, and can be cancelled.
      if (this.#writer.isReading && this.window.canTakeBack) return [];
      // Nothing is before it: it counts as running from here on, though it can still be saved if the worker dies.
      this.window.workAt(first)?.started(this.window.indexAt(first), this.identity);
    }
    return [];
  }

  /** Takes a message that may be forged: the task shares its worker with our end of the link. */
  #hear(message: unknown): void {
    if (this.#state === "gone") return;
    if (!isWorkerMessage(message)) return this.#condemn("it sent what is no message");
    this.#heartbeat?.heard();
    this.#receive(message);
  }

  #receive(message: WorkerMessage): void {
    this.#owner.onTurn();
    // What lies in the ring was said before.
    this.#advance();
    switch (message.kind) {
      case "look":
        this.leave();
        return;
      case "ready":
        if (this.#everReady) return;
        clearTimeout(this.#startTimer);
        this.#everReady = true;
        this.#heartbeat?.start();
        if (this.#state === "starting") this.#state = "ready";
        this.#owner.onRoom();
        return;
      case "failed":
        if (this.#everReady) return this.#condemn("it failed to start after it was ready");
        this.#owner.onFailed(this, decodeError(message.error));
        return;
      case "loading":
        // Its module is the first of a call that is touched.
        if (this.window.front !== undefined) this.window.noteBegun(this.window.front);
        this.#armStart();
        return;
      case "loaded":
        clearTimeout(this.#startTimer);
        return;
      case "started":
        this.#started(message.seq);
        return;
      case "settled":
        if (!this.#putTogether(message.parts)) return;
        this.#reader.receive(message);
        this.#advance();
        // The ring announces each before it is sent: what is left over was never announced, or is out of turn.
        if (this.#reader.hasLeft) this.#condemn("it sent outcomes nobody asked for");
        return;
      case "progress": {
        const { seq, fraction, detail: packed } = message;
        if (!this.#putTogether(packed?.parts)) return;
        const detail = packed?.list[0];
        const work = this.window.workAt(seq);
        const index = this.window.indexAt(seq);
        work?.started(index, this.identity);
        work?.progressed(index, { fraction, ...(detail === undefined ? {} : { detail }) });
        return;
      }
      case "aborting":
        if (this.#ending?.seq !== message.seq) return;
        this.#ending.responsive = true;
        if (this.#ending.final) this.stop();
        return;
      case "pong":
        return;
      case "leaving":
        // Once, and of none that has a call: what a worker may ask for is limited.
        if (this.#isLeaving || this.#state !== "stopping" || this.window.live > 0) return;
        this.#isLeaving = true;
        this.#armStop(LEAVE_GRACE);
        return;
      case "unreadable": {
        // Without this it would be sent again and again, to one worker after another.
        const front = this.#frontCall();
        // What was packed can be read, unless it is nested too deeply for the other side.
        const what = `Cannot finish task "${front?.work.terms.name}": an argument or its result is nested too deeply to be read on the other side`;
        front?.work.fail(front.index, new DOMException(what, "DataCloneError"));
        return this.#condemn("it sent, or was sent, what cannot be read");
      }
      case "idle":
        if (this.window.size === 0) this.stop();
        return;
      case "fault":
        this.#faulted(decodeError(message.error), message.seq);
        return;
      default:
        message satisfies never;
    }
  }

  /** Something was thrown beside the call that runs. Where it was that call's own, it may wait for what will never come. */
  #faulted(error: unknown, seq: number | undefined): void {
    const isOwn = seq !== undefined && this.window.workAt(seq) !== undefined && this.hasBegun(seq);
    if (isOwn && this.#late?.seq !== seq) {
      clearTimeout(this.#late?.timer);
      this.#late = { seq, timer: setTimeout(() => this.#failLate(seq, error), LATE_MS) };
      unrefTimer(this.#late.timer);
    }
    const front = isOwn ? undefined : this.#frontCall();
    const isRunning = front?.work.isSettled(front.index) === false;
    this.#owner.onFault(this, error, isRunning ? front.work.terms.name : undefined);
  }

  /** Fails a call that is still not done long after it has thrown an error beside itself. */
  #failLate(seq: number, error: unknown): void {
    this.look();
    const work = this.window.workAt(seq);
    if (work === undefined) return;
    const index = this.window.indexAt(seq);
    if (work.isSettled(index)) return;
    const what = `Cannot finish task "${work.terms.name}": a timer or promise of its own has failed`;
    this.end(seq, new CancelledError(what, { cause: error }));
    work.fail(index, error);
  }

  /** Makes whole what came in parts; false where they are forged. */
  #putTogether(parts: Parts | undefined): boolean {
    try {
      if (parts !== undefined) unpack(parts);
      return true;
    } catch {
      this.#condemn("it sent what cannot be put together");
      return false;
    }
  }

  #started(seq: number): void {
    const work = this.window.workAt(seq);
    if (work === undefined) return;
    this.window.noteBegun(seq);
    const index = this.window.indexAt(seq);
    work.started(index, this.identity);
    const { timeout } = work.terms;
    if (timeout !== undefined) this.#taskClock.start(timeout, () => this.#timeOut(seq, timeout));
  }

  #timeOut(seq: number, timeout: number): void {
    this.look();
    const work = this.window.workAt(seq);
    if (work === undefined) return;
    const index = this.window.indexAt(seq);
    if (work.isSettled(index)) return;
    const error = new TimeoutError(
      `Cannot finish task "${work.terms.name}": it ran longer than ${timeout} ms`,
    );
    this.end(seq, error);
    work.fail(index, error);
  }

  /** Settles every call whose outcome is here, and sees what that makes due. */
  #advance(): void {
    if (this.#state === "gone") return;
    try {
      if (!this.#owner.observers.together(this.#read)) return;
    } catch (error) {
      this.#condemn((error as Error).message);
      return;
    }
    this.#reportedAt = performance.now();
    this.#stalled = false;
    this.#hasServed = true;
    // What comes through the ring is no message.
    this.#heartbeat?.heard();
    this.#taskClock.stop();
    this.#noticeFront();
    if (this.window.size === 0) {
      this.#memory?.rest();
      if (this.#taken >= this.#limits.maxTasks || this.#memory?.isOver === true) this.stop();
    }
    this.#owner.onRoom();
  }

  #endingDone(): void {
    clearTimeout(this.#ending?.timer);
    if (this.#ending?.final === true) this.stop();
    this.#ending = undefined;
  }

  /** Tells the call in front that it has begun, where that is so. */
  #noticeFront(): void {
    const seq = this.window.front;
    if (seq === undefined || !this.hasBegun(seq)) return;
    this.window.workAt(seq)?.started(this.window.indexAt(seq), this.identity);
  }

  #frontCall(): Call | undefined {
    const seq = this.window.front;
    if (seq === undefined) return undefined;
    return { work: this.window.workAt(seq) as Work, index: this.window.indexAt(seq) };
  }

  #condemn(what: string): void {
    this.#giveUp(new TypeError(`Cannot trust worker ${this.identity.id}: ${what}`));
  }

  /** It should have answered, unless it runs a task: then only the operating system can tell that it never will. */
  #fallenSilent(): void {
    if (this.#state !== "ready" || this.#ending !== undefined) return;
    const { front } = this.window;
    const computes = front !== undefined && !this.window.isWaiting(front);
    if (computes && this.#channel.inspect?.()?.stopped !== true) return;
    const what = `Worker ${this.identity.id} is unresponsive: no answer within ${this.#limits.heartbeat} ms`;
    this.#giveUp(new BrokenExecutorError(what));
  }

  #outgrown(bytes: number): void {
    const [has, may] = [bytes, this.#limits.memoryLimit as number].map((size) =>
      Math.round(size / 2 ** 20),
    );
    const what = `Worker ${this.identity.id} has outgrown its memoryLimit: ${has} MiB of ${may} MiB`;
    this.#giveUp(new BrokenExecutorError(what));
  }

  /** Ends a worker that is at fault. */
  #giveUp(verdict: Error): void {
    if (this.#verdict !== undefined) return;
    this.#verdict = verdict;
    this.#state = "stopping";
    this.#channel.terminate(true);
    this.#owner.onFault(this, verdict);
  }

  #armStart(): void {
    clearTimeout(this.#startTimer);
    const limit = this.#limits.startTimeout;
    if (limit === Number.POSITIVE_INFINITY) return;
    this.#startTimer = setTimeout(() => this.#startTimedOut(), Math.min(limit, MAX_TIMER));
    unrefTimer(this.#startTimer);
  }

  #startTimedOut(): void {
    const late = `within ${this.#limits.startTimeout} ms`;
    const seq = this.window.front;
    if (seq === undefined) {
      this.#verdict = new TimeoutError(
        `Cannot start worker ${this.identity.id}: not ready ${late}`,
      );
      this.#channel.terminate(true);
      return;
    }
    const work = this.window.workAt(seq) as Work;
    const what = `Cannot start task "${work.terms.name}": module ${work.terms.source.module} did not load ${late}`;
    const error = new TimeoutError(what);
    this.end(seq, error);
    work.fail(this.window.indexAt(seq), error);
    this.#stopSoon();
  }

  #exited(exit: WorkerExit): void {
    // What it has reported is known, however it ended.
    this.#advance();
    // What has begun ran, though nobody may have looked: to be run again does not make it pending. Observers are told
    // while every call is still in its window (invariant 1).
    for (let seq = this.window.head; seq < this.window.next; seq++) {
      if (this.hasBegun(seq))
        this.window.workAt(seq)?.started(this.window.indexAt(seq), this.identity);
    }
    this.#state = "gone";
    clearTimeout(this.#startTimer);
    this.#taskClock.stop();
    clearTimeout(this.#stopTimer);
    clearTimeout(this.#ending?.timer);
    clearTimeout(this.#late?.timer);
    this.#heartbeat?.stop();
    this.#memory?.stop();
    const { begun, waiting } = this.window.clear();
    this.#owner.onGone(
      this,
      this.#verdict === undefined ? exit : { ...exit, error: this.#verdict },
      begun,
      waiting,
    );
  }

  #trySend(message: HostMessage): void {
    try {
      this.#channel.send(message);
    } catch {
      // It has ended, and its end is on the way here.
    }
  }

  #encode(error: unknown): WireError {
    if (this.#limits.byReference) return { kind: "same", error };
    return encodeError(error, { isProcess: this.#channel.sharesBuffers === false });
  }
}
