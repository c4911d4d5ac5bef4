// WorkerHandle: the host's end of one worker — its window of calls sent and not settled, and its clocks.
//
// | state    | becomes  | because                                                  |
// |----------|----------|----------------------------------------------------------|
// | starting | ready    | the worker said "ready"                                  |
// | ready    | stopping | idle too long, served its number of tasks, executor shut |
// | any      | gone     | the worker ended, whatever the cause                     |
//
// A ready worker is idle while its window is empty, and busy otherwise.

import { CELLS, Claims } from "./_claims.ts";
import { MAX_TIMER, unrefTimer } from "./_deadline.ts";
import { Heartbeat } from "./_heartbeat.ts";
import { MemoryLimit } from "./_memory_limit.ts";
import type { TaskQueue } from "./_task_queue.ts";
import { isWorkerMessage } from "./_wire_check.ts";
import type { Work } from "./_work.ts";
import type { Channel, Spawn, WorkerExit } from "./channel.ts";
import { BrokenExecutorError, CancelledError, TimeoutError } from "./errors.ts";
import type { WorkerIdentity, WorkerStatus } from "./events.ts";
import type { TaskSource } from "./task.ts";
import type { HostMessage, Run, WireTask, WorkerMessage } from "./wire.ts";
import { decodeError, encodeError, type WireError } from "./wire_error.ts";
import { assertCrossable } from "./wire_value.ts";

/** One call in a window, or one that could not be sent. */
export interface Call {
  readonly work: Work;
  readonly index: number;
}

/** What a handle reports to. */
export interface WorkerOwner {
  /** The worker takes calls now, or has room for more. */
  onRoom(): void;
  /** The worker will never take calls: its initializer threw. */
  onFailed(handle: WorkerHandle, error: unknown): void;
  /** An error that belongs to no call. */
  onFault(handle: WorkerHandle, error: unknown): void;
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
  /** Bytes a worker's process may have. */
  readonly memoryLimit: number | undefined;
  /** A worker silent for so long, with calls waiting behind the one it runs, gives them back. */
  readonly stallAfter: number;
  /** Values pass by reference: nothing is checked or encoded. */
  readonly byReference: boolean;
}

/** How long a worker that was told to stop may take, in milliseconds, before it is ended. */
const STOP_GRACE = 1000;

const MASK = CELLS - 1;

/** One worker, as the scheduler sees it. */
export class WorkerHandle {
  readonly identity: WorkerIdentity;
  readonly #owner: WorkerOwner;
  readonly #limits: WorkerLimits;
  readonly #channel: Channel;
  readonly #claims: Claims | undefined;
  #state: "starting" | "ready" | "stopping" | "gone" = "starting";
  #everReady = false;
  #hasServed = false;
  #expected = false;

  /** The window, a ring: the calls `#head` … `#next - 1`. An empty place was taken back. */
  readonly #works: (Work | undefined)[] = [];
  readonly #indexes: number[] = [];
  #head = 0;
  #next = 0;
  /** Calls in the window that were not taken back. */
  #live = 0;

  readonly #defined = new Map<TaskSource, number>();
  #taken = 0;
  /** When the worker last reported, on the monotonic clock. */
  #reportedAt = 0;
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
  #taskTimer: ReturnType<typeof setTimeout> | undefined = undefined;
  #stopTimer: ReturnType<typeof setTimeout> | undefined = undefined;
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
    initializer: (WireTask & { args: unknown[] }) | undefined,
  ) {
    this.identity = identity;
    this.#owner = owner;
    this.#limits = limits;
    this.#channel = spawn(
      { onMessage: (message) => this.#hear(message), onExit: (exit) => this.#exited(exit) },
      identity,
    );
    this.#claims =
      this.#channel.shared === undefined ? undefined : new Claims(this.#channel.shared);
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
  get owed(): number {
    return this.#ending === undefined ? this.#live : this.#live - 1;
  }

  /** Whether it has a call, or is still held by one that was given up. */
  get busy(): boolean {
    return this.#live > 0;
  }

  /** Whether somebody waits for the call it runs. */
  get running(): boolean {
    const seq = this.#front();
    return (
      seq !== undefined &&
      !(this.#works[seq & MASK] as Work).isSettled(this.#indexes[seq & MASK] as number)
    );
  }

  /** How many calls may be sent now, given how many of that kind a window should hold. */
  room(limit: number, work: Work): number {
    if (this.#state !== "ready" || this.#memory?.isOver === true) return 0;
    const quota = this.#limits.maxTasks - this.#taken;
    if (this.#next === this.#head) return Math.min(limit, quota);
    // Behind others only what is short, can be taken back, and does not meet a call that is long or of unknown length.
    if (limit <= 1 || this.#claims === undefined || this.#stalled || this.#ending !== undefined)
      return 0;
    const seq = this.#front();
    const front = seq === undefined ? undefined : (this.#works[seq & MASK] as Work);
    if (work.alone || front === undefined || front.alone) return 0;
    const { mean } = front.profile;
    if (mean === undefined || mean > this.#limits.stallAfter) return 0;
    if (performance.now() - this.#reportedAt > this.#limits.stallAfter) return 0;
    // One window is worked on while the next one travels.
    const size = this.#next - this.#head;
    return size > limit ? 0 : Math.min(limit, quota, CELLS - size);
  }

  /** Whether several calls may be sent at once. */
  get canBeSentAhead(): boolean {
    return this.#claims !== undefined;
  }

  /** Whether the front call holds others up. */
  get isHeldUp(): boolean {
    return this.#live > 1 && performance.now() - this.#reportedAt > this.#limits.stallAfter;
  }

  /** Whether more than one call is in the window. */
  get isAhead(): boolean {
    return this.#live > 1;
  }

  /**
   * Sends the next calls of `queue`, in one message if they can be cloned.
   *
   * @param limit How many calls of a work may go into one message.
   * @returns The calls that could not be sent, each with its error: a value, not a call back (invariant 4).
   */
  send(
    queue: TaskQueue,
    room: number,
    limit: (work: Work) => number,
  ): { call: Call; error: unknown }[] {
    const calls: Call[] = [];
    let most = room;
    let previous: Work | undefined;
    for (
      let work = queue.front();
      work !== undefined && calls.length < most;
      work = queue.front()
    ) {
      if (work !== previous) {
        if (previous !== undefined && (work.alone || work.chunkSize !== previous.chunkSize)) break;
        if (work.profile !== previous?.profile) most = Math.min(most, limit(work));
        if (calls.length >= most) break;
        previous = work;
      }
      calls.push({ work, index: work.take() });
      if (work.alone) break;
    }
    return this.#transmit(calls);
  }

  /** Takes a call back; false if it has begun. */
  takeBack(seq: number): boolean {
    if (
      seq < this.#head ||
      this.#works[seq & MASK] === undefined ||
      this.#claims?.withdraw(seq) !== true
    )
      return false;
    this.#works[seq & MASK] = undefined;
    this.#live--;
    return true;
  }

  /** Takes back every call that waits behind the one in front, of one work or of all, in order. */
  takeBackAll(of?: Work): Call[] {
    const taken: Call[] = [];
    for (let seq = (this.#front() ?? this.#next) + 1; seq < this.#next; seq++) {
      const work = this.#works[seq & MASK];
      const index = this.#indexes[seq & MASK] as number;
      if (work !== undefined && (of === undefined || work === of) && this.takeBack(seq)) {
        taken.push({ work, index });
      }
    }
    return taken;
  }

  /** Takes back what waits behind a call that turned out long, and sends nothing more behind it. */
  stall(): Call[] {
    this.#stalled = true;
    this.#noticeFront();
    const seq = this.#front();
    // The guess that such calls are short was wrong: those taken back must not be sent behind another one of them.
    if (seq !== undefined)
      this.#works[seq & MASK]?.profile.learn(performance.now() - this.#reportedAt, 0);
    return this.takeBackAll();
  }

  /** Whether a call in the window has begun. */
  hasBegun(seq: number): boolean {
    return this.#claims?.hasBegun(seq) ?? true;
  }

  /**
   * Ends a call that has begun: its signal aborts, and the worker is ended if the call does not end within the grace.
   * Whoever waits for it has been told already, or is told by the caller.
   */
  end(seq: number, reason: CancelledError | TimeoutError): void {
    if (this.#state === "gone" || this.#ending !== undefined || this.takeBack(seq)) return;
    // It has ended, only its outcome is not here yet: what runs now is another call, and innocent.
    if (this.#hasPassed(seq)) return;
    this.#ending = { seq, responsive: false, final: false, timer: undefined };
    this.#trySend({ kind: "abort", seq, reason: this.#encode(reason) });
    const grace = this.#limits.interruptGrace;
    if (grace === 0) {
      this.#kill();
      return;
    }
    // One that reacts but goes on is asked to exit; the call it runs cannot refuse that.
    const giveUp = () => (this.#ending?.responsive === true ? this.stop() : this.#kill());
    this.#ending.timer = setTimeout(giveUp, Math.min(grace, MAX_TIMER));
    unrefTimer(this.#ending.timer);
  }

  /** Whether the worker has begun a call behind this one. */
  #hasPassed(seq: number): boolean {
    for (let next = seq + 1; next < this.#next; next++) {
      if (this.#works[next & MASK] !== undefined && this.hasBegun(next)) return true;
    }
    return false;
  }

  /** Asks the worker to exit; one that does not within `grace` milliseconds is killed. */
  stop(grace: number = Math.max(STOP_GRACE, this.#limits.interruptGrace)): void {
    if (!this.serving) return;
    this.#state = "stopping";
    this.#expected = true;
    this.#trySend({ kind: "stop" });
    this.#stopTimer = setTimeout(() => this.#kill(), Math.min(grace, MAX_TIMER));
    unrefTimer(this.#stopTimer);
  }

  /** Ends the worker now. What it has begun is lost with it, unless its outcome is on the way already. */
  terminate(): void {
    if (!this.serving) return;
    this.#verdict = new BrokenExecutorError(`Worker ${this.identity.id} was terminated`);
    this.stop(this.#limits.interruptGrace);
  }

  /** Cancels every call and ends the worker. */
  abortAll(): void {
    this.#endFront(new CancelledError("Cannot finish task: executor was terminated"));
    for (let seq = this.#head; seq < this.#next; seq++) {
      this.#works[seq & MASK]?.cancel(this.#indexes[seq & MASK] as number);
      this.takeBack(seq);
    }
    this.#stopSoon();
  }

  /** Fails every call and ends the worker. `error` makes one error for each. */
  failAll(error: () => unknown): void {
    this.#endFront(new CancelledError("Cannot finish task: executor is broken"));
    for (let seq = this.#head; seq < this.#next; seq++) {
      this.#works[seq & MASK]?.fail(this.#indexes[seq & MASK] as number, error());
      this.takeBack(seq);
    }
    this.#stopSoon();
  }

  #endFront(reason: CancelledError): void {
    const front = this.#front();
    if (front !== undefined && this.hasBegun(front)) this.end(front, reason);
  }

  /**
   * Stops the worker as soon as it is known to react. To kill one that does is not only rude: a thread of Deno that is
   * terminated in the middle of running code burns on for ever.
   */
  #stopSoon(): void {
    if (this.#ending === undefined || this.#ending.responsive) this.stop();
    else this.#ending.final = true;
  }

  /** Ends the worker without asking. Its calls are reported with its end. */
  #kill(): void {
    this.#expected = true;
    // Nothing is sent to it any more, even if the call ends before the worker does.
    this.#state = "stopping";
    this.#channel.terminate(this.#live > 0 && this.#ending?.responsive !== true);
  }

  #transmit(calls: Call[]): { call: Call; error: unknown }[] {
    const [only] = calls;
    if (only === undefined) return [];
    const first = this.#next;
    const defined = this.#defined.size;
    try {
      const transfer = calls.flatMap(({ work, index }) => work.transfer(index) ?? []);
      const message = this.#compose(calls);
      // Who decides to cancel while this message is composed or cloned (getters are user code) asks the window first.
      if (message !== undefined) this.#channel.send(message, transfer);
    } catch (error) {
      for (let seq = first; seq < this.#next; seq++) {
        // What a getter of the arguments has cancelled meanwhile was taken back already.
        if (this.#works[seq & MASK] !== undefined) this.#live--;
        this.#works[seq & MASK] = undefined;
      }
      this.#next = first;
      for (const [source, index] of this.#defined)
        if (index >= defined) this.#defined.delete(source);
      // One call has spoiled the message for all: each is tried alone, and only that one fails.
      return calls.length === 1
        ? [{ call: only, error }]
        : calls.flatMap((call) => (call.work.isSettled(call.index) ? [] : this.#transmit([call])));
    }
    this.#taken += this.#next - first;
    if (first === this.#head && this.#next > first) {
      this.#memory?.watch();
      this.#reportedAt = performance.now();
      // Nothing is before it: it counts as running from here on, though it can still be saved if the worker dies.
      this.#works[first & MASK]?.started(this.#indexes[first & MASK] as number, this.identity);
    }
    return [];
  }

  /** Puts the calls into the window and writes the message that carries them. */
  #compose(calls: Call[]): HostMessage | undefined {
    const first = this.#next;
    const define: WireTask[] = [];
    const runs: { -readonly [K in keyof Run]: Run[K] }[] = [];
    let announce = false;
    let run: (typeof runs)[number] | undefined;
    for (const { work, index } of calls) {
      if (work.isSettled(index)) continue;
      const task = this.#reference(work.source, define);
      const id = work.id(index);
      const last = run;
      const list: unknown[] = last?.task === task && last.id + last.count === id ? last.args : [];
      const before = list.length;
      const arity = work.pushArgs(index, list);
      if (!this.#limits.byReference)
        for (let at = before; at < list.length; at++) assertCrossable(list[at]);
      if (last !== undefined && list === last.args && last.arity === arity) {
        last.count++;
      } else {
        run = { task, id, count: 1, arity, args: list === last?.args ? list.splice(before) : list };
        runs.push(run);
      }
      announce ||= work.timeout !== undefined;
      const seq = this.#next++;
      this.#works[seq & MASK] = work;
      this.#indexes[seq & MASK] = index;
      this.#live++;
      this.#claims?.offer(seq);
      work.sent(index, this, seq);
    }
    if (runs.length === 0) return undefined;
    return {
      kind: "run",
      first,
      runs,
      ...(define.length > 0 ? { define } : {}),
      ...(announce ? { announce } : {}),
    };
  }

  /** The number the worker knows a task by; a task it does not know is put on the list to tell it. */
  #reference(source: TaskSource, define: WireTask[]): Run["task"] {
    if (this.#limits.byReference && source.fn !== undefined) return source.fn;
    let index = this.#defined.get(source);
    if (index === undefined) {
      index = this.#defined.size;
      this.#defined.set(source, index);
      define.push({ module: source.module, export: source.export });
    }
    return index;
  }

  /** Takes a message that may be forged: the task shares its worker with our end of the link. */
  #hear(message: unknown): void {
    if (this.#state === "gone") return;
    if (!isWorkerMessage(message)) return this.#condemn("it sent what is no message");
    this.#heartbeat?.heard();
    this.#receive(message);
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
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
        this.#armStart();
        return;
      case "loaded":
        clearTimeout(this.#startTimer);
        return;
      case "started":
        this.#started(message.seq);
        return;
      case "settled":
        this.#settled(message);
        return;
      case "progress": {
        const { fraction, detail } = message;
        const at = message.seq & MASK;
        if (!this.#holds(message.seq)) return;
        this.#works[at]?.started(this.#indexes[at] as number, this.identity);
        this.#works[at]?.progressed(this.#indexes[at] as number, {
          fraction,
          ...(detail === undefined ? {} : { detail }),
        });
        return;
      }
      case "aborting":
        if (this.#ending?.seq !== message.seq) return;
        this.#ending.responsive = true;
        if (this.#ending.final) this.stop();
        return;
      case "pong":
        return;
      case "idle":
        if (this.#next === this.#head) this.stop();
        return;
      case "fault":
        this.#owner.onFault(this, decodeError(message.error));
        return;
      default:
        message satisfies never;
    }
  }

  #started(seq: number): void {
    const work = this.#works[seq & MASK];
    if (!this.#holds(seq) || work === undefined) return;
    const index = this.#indexes[seq & MASK] as number;
    work.started(index, this.identity);
    const { timeout } = work;
    if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#taskTimer);
    this.#taskTimer = setTimeout(
      () => {
        // The outcome may be here already, waiting for its turn: a host that was busy must not blame the task.
        this.#taskTimer = setTimeout(() => this.#timeOut(seq, timeout), 0);
      },
      Math.min(timeout, MAX_TIMER),
    );
  }

  #timeOut(seq: number, timeout: number): void {
    const work = this.#works[seq & MASK];
    if (seq < this.#head || work === undefined) return;
    const index = this.#indexes[seq & MASK] as number;
    if (work.isSettled(index)) return;
    const error = new TimeoutError(
      `Cannot finish task "${work.name}": it ran longer than ${timeout} ms`,
    );
    this.end(seq, error);
    work.fail(index, error);
  }

  #settled(message: WorkerMessage & { kind: "settled" }): void {
    const { first, values, errors, elapsed } = message;
    this.#reportedAt = performance.now();
    this.#stalled = false;
    this.#hasServed = true;
    const mean = elapsed / values.length;
    let nextError = 0;
    for (let offset = 0; offset < values.length; offset++) {
      const seq = first + offset;
      // Not the next one: no worker of ours says so. It is not listened to any further.
      if (seq !== this.#head || seq >= this.#next)
        return this.#condemn(`outcome of call ${seq} came out of turn`);
      this.#head++;
      const work = this.#works[seq & MASK];
      if (work === undefined) continue;
      this.#works[seq & MASK] = undefined;
      this.#live--;
      if (this.#ending?.seq === seq) this.#endingDone();
      const index = this.#indexes[seq & MASK] as number;
      work.profile.learn(mean, 1);
      work.started(index, this.identity);
      const failed = errors?.[nextError];
      if (failed?.seq !== seq) {
        work.succeed(index, values[offset]);
      } else {
        nextError++;
        work.fail(index, decodeError(failed.error));
      }
    }
    clearTimeout(this.#taskTimer);
    this.#noticeFront();
    if (this.#next === this.#head) {
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
    const seq = this.#front();
    if (seq === undefined || !this.hasBegun(seq)) return;
    this.#works[seq & MASK]?.started(this.#indexes[seq & MASK] as number, this.identity);
  }

  /** The first call of the window that was not taken back. */
  #front(): number | undefined {
    if (this.#live === 0) return undefined;
    let seq = this.#head;
    while (this.#works[seq & MASK] === undefined) seq++;
    return seq;
  }

  /** Whether a number is that of a call in the window, taken back or not. */
  #holds(seq: number): boolean {
    return seq >= this.#head && seq < this.#next;
  }

  #condemn(what: string): void {
    this.#giveUp(new TypeError(`Cannot trust worker ${this.identity.id}: ${what}`));
  }

  /** It should have answered, unless it runs a task: then only the operating system can tell that it never will. */
  #fallenSilent(): void {
    if (this.#state !== "ready" || this.#ending !== undefined) return;
    const front = this.#front();
    const computes = front !== undefined && this.hasBegun(front);
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
    const seq = this.#front();
    if (seq === undefined) {
      this.#verdict = new TimeoutError(
        `Cannot start worker ${this.identity.id}: not ready ${late}`,
      );
      this.#channel.terminate(true);
      return;
    }
    const work = this.#works[seq & MASK] as Work;
    const what = `Cannot start task "${work.name}": module ${work.source.module} did not load ${late}`;
    const error = new TimeoutError(what);
    this.end(seq, error);
    work.fail(this.#indexes[seq & MASK] as number, error);
    this.#stopSoon();
  }

  #exited(exit: WorkerExit): void {
    // What has begun ran, though nobody may have looked: to be run again does not make it pending. Observers are told
    // while every call is still in its window (invariant 1).
    for (let seq = this.#head; seq < this.#next; seq++) {
      if (this.hasBegun(seq))
        this.#works[seq & MASK]?.started(this.#indexes[seq & MASK] as number, this.identity);
    }
    this.#state = "gone";
    clearTimeout(this.#startTimer);
    clearTimeout(this.#taskTimer);
    clearTimeout(this.#stopTimer);
    clearTimeout(this.#ending?.timer);
    this.#heartbeat?.stop();
    this.#memory?.stop();
    const begun: Call[] = [];
    const waiting: Call[] = [];
    for (let seq = this.#head; seq < this.#next; seq++) {
      const work = this.#works[seq & MASK];
      if (work === undefined) continue;
      const call = { work, index: this.#indexes[seq & MASK] as number };
      (this.hasBegun(seq) ? begun : waiting).push(call);
      this.#works[seq & MASK] = undefined;
    }
    this.#live = 0;
    this.#head = this.#next;
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
    return this.#limits.byReference ? { kind: "same", error } : encodeError(error);
  }
}
