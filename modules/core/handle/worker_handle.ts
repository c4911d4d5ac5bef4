// WorkerHandle: the host's end of one worker. What it is sent and what the scheduler asks of it stands here; what it says in
// worker_reports.ts, how it is ended in ending.ts, what runs against it in call_limits.ts (README.md).
//
// | state    | becomes  | because                                                  |
// |----------|----------|----------------------------------------------------------|
// | starting | ready    | the worker said "ready"                                  |
// | ready    | stopping | idle too long, served its number of tasks, executor shut |
// | any      | gone     | the worker ended, whatever the cause                     |
//
// A ready worker is idle while its window is empty, and busy otherwise.

import { BrokenExecutorError, CancelledError, type TimeoutError } from "../errors.ts";
import { CELLS, type HostMemory, hostMemory } from "../memory/shared_memory.ts";
import type { Channel, Spawn, WorkerExit } from "../seam/channel.ts";
import { copying } from "../seam/link_items.ts";
import type { HostMessage, WireInitializer } from "../seam/messages.ts";
import { MAX_DELAY } from "../time/timer.ts";
import type { Call, CallList, Work } from "../work/work.ts";
import type { WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import { CallLimits, type LookedAfter } from "./call_limits.ts";
import { CallSender } from "./call_sender.ts";
import { CallWriter } from "./call_writer.ts";
import type { CrewMember, Unsent, WorkerOwner } from "./crew_member.ts";
import { Ending } from "./ending.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HostLinks } from "./host_links.ts";
import { MemoryLimit } from "./memory_limit.ts";
import { OutcomeReader } from "./outcome_reader.ts";
import { type Attention, Replies } from "./replies.ts";
import { Window } from "./window.ts";
import type { WorkerLimits } from "./worker_limits.ts";
import { WorkerReports } from "./worker_reports.ts";

/** What is to take so little, in milliseconds, is due before a message could bring it. */
const PROMPT_MS = 0.02;
/** A call sent so soon after an outcome, in milliseconds, comes from a program that awaits each before the next. */
const FOLLOWS_MS = 0.05;

/** One worker, as the scheduler sees it. */
export class WorkerHandle implements CrewMember, LookedAfter {
  readonly identity: WorkerIdentity;
  readonly window: Window;
  readonly #owner: WorkerOwner;
  readonly #limits: WorkerLimits;
  readonly #channel: Channel;
  readonly #shared: HostMemory | undefined;
  readonly #writer: CallWriter;
  readonly #sender: CallSender;
  readonly #reports: WorkerReports;
  readonly #ending: Ending;
  readonly #callLimits: CallLimits;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #memory: MemoryLimit | undefined;
  /** How many calls it was sent. */
  #taken = 0;
  /** Whether what was sent last followed at once on an outcome. */
  #follows = false;
  /** Whether it is an actor's, and takes no calls of others. */
  isReserved = false;
  /** How many want it to stay. */
  #kept = 0;
  #exit: WorkerExit | undefined = undefined;

  /**
   * Starts a worker; throws what `spawn` throws.
   *
   * @param onLeft Told of each call that was in its window and is there no more.
   * @param onLarge Told of a call that is about to be sent one of whose arguments, from 0, is large and is copied.
   * @param attention Who may wait in place for what calls say.
   */
  constructor(
    spawn: Spawn,
    identity: WorkerIdentity,
    owner: WorkerOwner,
    limits: WorkerLimits,
    initializer: WireInitializer | undefined,
    onLeft: ((work: Work) => void) | undefined,
    onLarge: (work: Work, at: number, value: unknown, bytes: number) => void,
    attention: Attention | undefined,
  ) {
    this.identity = identity;
    this.#owner = owner;
    this.#limits = limits;
    this.#channel = spawn(
      { onMessage: (message) => this.#reports.hear(message), onExit: (exit) => this.#exited(exit) },
      identity,
    );
    const channel = this.#channel;
    this.#shared = hostMemory(channel.memory);
    const window = new Window(
      this.#shared?.claims ?? channel.memory?.claims,
      channel.keepsWord,
      onLeft,
    );
    this.window = window;
    const ending = new Ending(
      channel,
      window,
      limits,
      (error) => owner.onFault(identity, error),
      // In a turn of its own: whoever interrupts a call must not find others begun by that.
      () => queueMicrotask(() => owner.onPlace()),
    );
    this.#ending = ending;
    this.#callLimits = new CallLimits(
      window,
      this,
      limits.startTimeout,
      (verdict) => {
        ending.judge(verdict);
        channel.terminate(true);
      },
      () => ending.stop({ onceHeard: true }),
    );
    this.#writer = new CallWriter(
      channel,
      window,
      this.#shared,
      limits.byReference,
      () => owner.onRoom(),
      onLarge,
    );
    this.#sender = new CallSender(this, window, this.#writer, ending);
    const replies = this.#shared && new Replies(this.#shared, channel, attention);
    const code = limits.byReference ? undefined : copying;
    const links = new HostLinks(identity, replies?.messages ?? channel, window, code, owner);
    const { outcomes } = this.#shared ?? {};
    const reader = new OutcomeReader(window, outcomes, identity, ending, links, replies);
    const { heartbeat, memoryLimit } = limits;
    if (heartbeat !== undefined)
      this.#heartbeat = new Heartbeat(heartbeat, identity, channel, window, ending);
    if (memoryLimit !== undefined)
      this.#memory = new MemoryLimit(memoryLimit, identity, channel, ending);
    this.#reports = new WorkerReports(
      identity,
      owner,
      {
        window,
        ending,
        reader,
        limits: this.#callLimits,
        links,
        heartbeat: this.#heartbeat,
      },
      () => this.#rest(),
      () => this.leave(),
      () => this.#retire(),
    );
    this.#callLimits.starting();
    ending.send(startOf(identity, this.#shared !== undefined, limits, initializer));
  }

  get ready(): boolean {
    return this.#reports.isReady && this.#ending.isServing;
  }

  get starting(): boolean {
    return !this.#reports.isReady && this.#ending.isServing;
  }

  /** Whether it takes calls, or will. */
  get serving(): boolean {
    return this.#ending.isServing;
  }

  /** How it has ended; undefined while it has not. */
  get exit(): WorkerExit | undefined {
    return this.#exit;
  }

  /** Whether it is not to be retired, whatever it has served, as somebody has a reason to want this one. */
  get isKept(): boolean {
    return this.#kept > 0;
  }

  /** Whether it has served its number of tasks, and only ends later than that because somebody keeps it. */
  get isSpent(): boolean {
    return this.#taken >= this.#limits.maxTasks;
  }

  /** Keeps it from being retired, until it is released as often. */
  keep(): void {
    this.#kept++;
  }

  release(): void {
    this.#kept--;
    if (this.#kept === 0 && this.ready && this.window.size === 0) this.#rest();
  }

  /** Whether it counts among the workers there may be. */
  get keepsPlace(): boolean {
    return this.#ending.keepsPlace;
  }

  /** Whether it does not answer and may have to be killed, so that another will be needed in its place. */
  get isDoubtful(): boolean {
    return this.#ending.isDoubtful;
  }

  /** What it does, for people. */
  get status(): WorkerStatus {
    const serving = this.starting ? "starting" : this.busy ? "busy" : "idle";
    const { inspector } = this.#reports;
    const status: WorkerStatus = { ...this.identity, state: this.serving ? serving : "stopping" };
    return inspector === undefined ? status : { ...status, inspector };
  }

  /** Whether it has ever been ready: one that has not failed to start. */
  get everReady(): boolean {
    return this.#reports.isReady;
  }

  /** Whether it has ever told the outcome of a call. */
  get hasServed(): boolean {
    return this.#reports.hasServed;
  }

  /** Whether its end was asked for: it tells nothing about the executor's health. */
  get expected(): boolean {
    return this.#ending.isExpected;
  }

  /** How many calls it was sent that somebody waits for: a call that is being ended is settled for its user. */
  get unsettled(): number {
    return this.#ending.hasCall ? this.window.live - 1 : this.window.live;
  }

  /** Whether it has a call, or is still held by one that was given up. */
  get busy(): boolean {
    return this.window.live > 0;
  }

  /** Whether somebody waits for the call it runs. */
  get running(): boolean {
    const front = this.window.frontCall;
    return front?.work.isSettled(front.index) === false;
  }

  /** Whether it may load what a work's calls need. */
  canLoad({ terms }: Work): boolean {
    return this.#channel.canLoad?.(terms.source.module) ?? true;
  }

  /** How many more calls it takes together, whatever it has: none while it starts, ends, has too much memory, or reads a file. */
  get quota(): number {
    if (!this.ready || this.#memory?.isOver === true || this.#writer.isReading) return 0;
    const left = this.isKept ? CELLS : Math.max(0, this.#limits.maxTasks - this.#taken);
    return Math.min(left, this.#writer.most);
  }

  /** Whether the call in front has turned out long, or is being ended. */
  get isHeldUp(): boolean {
    return this.#reports.isStalled || this.#ending.hasCall;
  }

  /** When it last reported, or began anew, on the monotonic clock. */
  get reportedAt(): number {
    return this.#reports.lastAt;
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
    const mean = this.window.frontWork?.terms.profile.mean;
    return mean !== undefined && mean * this.window.live < PROMPT_MS;
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

  /**
   * Settles what the worker has reported.
   *
   * @returns Whether what comes next is on its way through the channel: to wait in place for that is in vain.
   */
  look(): boolean {
    return this.#reports.look();
  }

  /**
   * Sends calls, in one message if they can be cloned, and empties the list.
   *
   * @returns The calls that were not sent, and why: a value, not a call back (invariant 4).
   */
  send(calls: CallList): readonly Unsent[] {
    const { window } = this;
    const first = window.next;
    const unsent = this.#sender.send(calls);
    if (first === window.next) return unsent;
    this.#taken += window.next - first;
    if (first !== window.head) return unsent;
    this.#memory?.watch();
    this.#follows = this.#reports.beginAnew() < FOLLOWS_MS;
    // What waits for a file has not left, and can be cancelled. Else nothing is before it: it counts as running from here
    // on, though it can still be saved if the worker dies.
    if (!(this.#writer.isReading && window.canTakeBack))
      window.workAt(first)?.started(window.indexAt(first), this.identity);
    return unsent;
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

  /** Notes that the call in front has turned out long. */
  stall(): void {
    this.#reports.stall();
  }

  /** Whether a call in the window has begun: not if it was taken back, whatever a worker that passes over it notes. */
  hasBegun(seq: number): boolean {
    return this.window.workAt(seq) !== undefined && this.window.hasBegun(seq);
  }

  /**
   * Ends a call that has begun: its signal aborts, and the worker is ended if the call does not end within the grace.
   * Whoever waits for it has been told already, or is told by the caller.
   */
  end(seq: number, reason: CancelledError | TimeoutError): void {
    this.look();
    if (this.#exit === undefined) this.#ending.abort(seq, reason);
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

  /** Settles every call by `settle`, and ends the worker; one that runs a call learns `what` has become of the executor. */
  endAll(what: string, settle: (work: Work, index: number) => void): void {
    const { front } = this.window;
    if (front !== undefined && this.hasBegun(front)) {
      this.look();
      this.#ending.abort(front, new CancelledError(`Cannot finish task: ${what}`), true);
    }
    for (let seq = this.window.head; seq < this.window.next; seq++) {
      const work = this.window.workAt(seq);
      if (work !== undefined) settle(work, this.window.indexAt(seq));
      this.takeBack(seq);
    }
    this.#ending.stop({ onceHeard: true });
  }

  /**
   * Asks the worker to exit, and kills it if it does not. One that runs nothing does before what its finalizer is for, unless
   * it is to end `atOnce`.
   */
  stop(atOnce = false): void {
    const hasFinalizer = this.#limits.finalizer !== undefined && this.ready;
    this.#ending.stop({ finalizes: hasFinalizer && !atOnce && !this.busy });
  }

  /** Ends the worker now. What it has begun is lost with it, unless its outcome is on the way already. */
  terminate(): void {
    if (!this.serving) return;
    this.#ending.judge(new BrokenExecutorError(`Worker ${this.identity.id} was terminated`));
    const grace = this.#limits.interruptGrace;
    if (grace === 0) this.#ending.kill();
    else this.#ending.stop({ grace: Math.max(grace, this.#channel.askFirst ?? 0) });
  }

  /** Ends a worker that is busy, now and without waiting for anything. */
  endUnheard(): void {
    if (this.busy) this.#ending.kill();
  }

  /** It has reported all it had. */
  #rest(): void {
    this.#memory?.rest();
    if ((this.isSpent && !this.isKept) || this.#memory?.isOver === true) this.stop();
  }

  /** It has had nothing for long. */
  #retire(): void {
    if (this.window.size === 0 && !this.isKept && this.#owner.mayRetire()) this.stop();
  }

  #exited(exit: WorkerExit): void {
    this.#reports.gone();
    this.#callLimits.stop();
    this.#ending.gone();
    this.#writer.gone();
    this.#heartbeat?.stop();
    this.#memory?.stop();
    const { begun, waiting } = this.window.clear();
    const { verdict } = this.#ending;
    this.#exit = verdict === undefined ? exit : { ...exit, error: verdict };
    this.#owner.onGone(this, this.#exit, begun, waiting);
  }
}

/** The first word to a worker. */
function startOf(
  worker: WorkerIdentity,
  hasRings: boolean,
  { idleTimeout, finalizer, captureConsole, inspect, debug }: WorkerLimits,
  initializer: WireInitializer | undefined,
): HostMessage & { kind: "start" } {
  return {
    kind: "start",
    worker,
    ...(hasRings ? { rings: true } : {}),
    ...(initializer === undefined ? {} : { initializer }),
    ...(finalizer === undefined ? {} : { finalizer }),
    ...(captureConsole ? { console: true } : {}),
    ...(inspect === undefined ? {} : { inspect }),
    ...(debug ? { debug } : {}),
    ...(idleTimeout === undefined ? {} : { idleTimeout: Math.min(idleTimeout, MAX_DELAY) }),
  };
}
