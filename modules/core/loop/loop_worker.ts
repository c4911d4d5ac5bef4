// LoopWorker: a worker that is a slot on this event loop. Host and worker are one here: no channel lies between them, no message,
// and no copy. What other workers are told and tell by messages happens in turns of its own, in the same order.
//
// Nothing on this loop can be stopped from outside. A call that does not react to its signal within the grace loses its slot,
// counts as abandoned, and runs on unheard.

import { BrokenExecutorError, CancelledError, type TimeoutError } from "../errors.ts";
import type { ConsoleLevel } from "../events.ts";
import { CallLimits, type LookedAfter } from "../handle/call_limits.ts";
import type { CrewMember, Unsent, WorkerOwner } from "../handle/crew_member.ts";
import { HostLinks } from "../handle/host_links.ts";
import type { WorkerLimits } from "../handle/worker_limits.ts";
import type { WorkerExit } from "../seam/channel.ts";
import type { LinkWord } from "../seam/messages.ts";
import { NOTHING, readTransferList } from "../seam/transfer.ts";
import { Timer } from "../time/timer.ts";
import type { Call, CallList, Work } from "../work/work.ts";
import type { Progress, WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import { type CallTeller, LoopCalls } from "./loop_calls.ts";

function listed(work: Work, index: number): readonly unknown[] {
  const args: unknown[] = [];
  work.pushCall(index, args);
  return args;
}

const NONE: readonly Unsent[] = [];

/** A call that is being ended. */
interface EndingCall {
  readonly seq: number;
  /** Whether it has been told. */
  isTold: boolean;
  /** Whether the worker ends with it, whatever it does. */
  isFinal: boolean;
}

/** One slot. */
export class LoopWorker implements CrewMember, CallTeller, LookedAfter {
  readonly identity: WorkerIdentity;
  readonly #owner: WorkerOwner;
  readonly #limits: WorkerLimits;
  readonly #onFree: (worker: CrewMember) => void;
  readonly #onLeft: ((work: Work) => void) | undefined;
  readonly #calls: LoopCalls;
  /** The call it has, and its number here: calls are counted from 1. */
  #work: Work | undefined = undefined;
  #index = 0;
  #seq = 0;
  /** What it is given, until it begins. */
  #args: readonly unknown[] = NOTHING;
  /** Made with the first call that has a limit. */
  #clocks: CallLimits | undefined = undefined;
  /** Made with the first link. */
  #links: HostLinks | undefined = undefined;
  #isReady = false;
  #isServing = true;
  #isExpected = false;
  #hasServed = false;
  isReserved = false;
  /** How many want it to stay. */
  #kept = 0;
  #ending: EndingCall | undefined = undefined;
  readonly #grace = new Timer();
  /** Why it was ended. */
  #verdict: unknown = undefined;
  #exit: WorkerExit | undefined = undefined;

  /**
   * @param onFree Told when it takes calls and has none, and when it takes no more.
   * @param onLeft Told of each call that it had and has no more.
   */
  constructor(
    identity: WorkerIdentity,
    owner: WorkerOwner,
    limits: WorkerLimits,
    onFree: (worker: CrewMember) => void,
    onLeft: ((work: Work) => void) | undefined,
  ) {
    this.identity = identity;
    this.#owner = owner;
    this.#limits = limits;
    this.#onFree = onFree;
    this.#onLeft = onLeft;
    this.#calls = new LoopCalls(identity, this);
    if (limits.debug || limits.captureConsole) void this.#prepare();
    else queueMicrotask(() => this.#started());
  }

  // As CrewMember: what the scheduling asks.

  get window(): this {
    return this;
  }

  get frontCall(): Call | undefined {
    return this.#work === undefined ? undefined : { work: this.#work, index: this.#index };
  }

  calls(): Iterable<Call> {
    const call = this.frontCall;
    return call === undefined ? [] : [call];
  }

  get ready(): boolean {
    return this.#isReady && this.#isServing;
  }

  get starting(): boolean {
    return !this.#isReady && this.#isServing;
  }

  get serving(): boolean {
    return this.#isServing;
  }

  get exit(): WorkerExit | undefined {
    return this.#exit;
  }

  get keepsPlace(): boolean {
    return true;
  }

  get isDoubtful(): boolean {
    return false;
  }

  get busy(): boolean {
    return this.#work !== undefined;
  }

  get running(): boolean {
    return this.#work?.isSettled(this.#index) === false;
  }

  get unsettled(): number {
    return this.#work === undefined || this.#ending !== undefined ? 0 : 1;
  }

  get status(): WorkerStatus {
    const serving = this.starting ? "starting" : this.busy ? "busy" : "idle";
    return { ...this.identity, state: this.#isServing ? serving : "stopping" };
  }

  get everReady(): boolean {
    return this.#isReady;
  }

  get hasServed(): boolean {
    return this.#hasServed;
  }

  get expected(): boolean {
    return this.#isExpected;
  }

  get isKept(): boolean {
    return this.#kept > 0;
  }

  get isSpent(): boolean {
    return false;
  }

  keep(): void {
    this.#kept++;
  }

  release(): void {
    this.#kept--;
  }

  canLoad(): boolean {
    return true;
  }

  send(calls: CallList): readonly Unsent[] {
    const work = calls.works[0] as Work;
    const index = calls.indexes[0] as number;
    calls.clear();
    const seq = ++this.#seq;
    this.#work = work;
    this.#index = index;
    work.sent(index, this, seq);
    if (work.terms.options.transfer !== undefined) {
      try {
        // Nothing is moved here; what is no list of what could be is refused as elsewhere.
        readTransferList(work.transfer(index), `Cannot send task "${work.terms.name}"`, false);
      } catch (error) {
        this.#unsend();
        return [{ call: { work, index }, fault: { error } }];
      }
      // By now it may be cancelled, or this be ended with its executor.
      if (work.isSettled(index)) {
        this.#unsend();
        return [{ call: { work, index } }];
      }
    }
    // Taken now: one that is interrupted before it has begun begins all the same, and is told.
    this.#args = work.listOf?.(index) ?? listed(work, index);
    // In a turn of its own, and in the context of whoever has submitted it.
    if (work.context === undefined) queueMicrotask(this.#make);
    else work.context.enter(this.#make);
    work.started(index, this.identity);
    return NONE;
  }

  takeBackAll(): Call[] {
    return [];
  }

  takeBackOf(): Call[] {
    return [];
  }

  endOf(work: Work, reason: CancelledError | TimeoutError): void {
    if (this.#work === work) this.end(this.#seq, reason);
  }

  endAll(what: string, settle: (work: Work, index: number) => void): void {
    const work = this.#work;
    if (work === undefined) return this.stop();
    this.#end(this.#seq, new CancelledError(`Cannot finish task: ${what}`), true);
    settle(work, this.#index);
  }

  stop(): void {
    if (!this.#isServing) return;
    this.#isServing = false;
    this.#isExpected = true;
    queueMicrotask(() => this.#exits());
  }

  terminate(): void {
    if (!this.#isServing) return;
    this.#verdict = new BrokenExecutorError(`Worker ${this.identity.id} was terminated`);
    this.stop();
  }

  endUnheard(): void {
    if (this.busy) this.stop();
  }

  // As Place, and for the clocks and the links of its calls.

  takeBack(): boolean {
    return false;
  }

  hasBegun(seq: number): boolean {
    return this.workAt(seq) !== undefined;
  }

  workAt(seq: number): Work | undefined {
    return seq === this.#seq ? this.#work : undefined;
  }

  indexAt(_seq: number): number {
    return this.#index;
  }

  callAt(seq: number): Call | undefined {
    return seq === this.#seq ? this.frontCall : undefined;
  }

  get front(): number | undefined {
    return this.#work === undefined ? undefined : this.#seq;
  }

  look(): void {}

  end(seq: number, reason: CancelledError | TimeoutError): void {
    this.#end(seq, reason, false);
  }

  // As CallTeller: what its calls say.

  loads(isLoading: boolean): void {
    if (isLoading) this.#withClocks().starting();
    else this.#clocks?.started();
  }

  began(): void {
    if (this.#work?.terms.timeout !== undefined) this.#withClocks().running(this.#seq);
  }

  succeeded(value: unknown): void {
    this.#settle(false, value);
  }

  threw(error: unknown): void {
    this.#settle(true, error);
  }

  progressed(seq: number, progress: Progress): void {
    this.workAt(seq)?.progressed(this.#index, progress);
  }

  printed(seq: number, level: ConsoleLevel, text: string): void {
    const call = this.callAt(seq);
    this.#owner.onPrinted(this.identity, call, level, text);
  }

  linked(seq: number, link: number, word: LinkWord): void {
    if (this.workAt(seq) === undefined) return;
    this.#links ??= this.#hostLinks();
    this.#links.hear({ kind: "link", seq, link, word });
  }

  async #prepare(): Promise<void> {
    try {
      await this.#calls.prepare(this.#limits);
    } catch (error) {
      this.#owner.onFailed(this.identity, error);
      return;
    }
    this.#started();
  }

  #started(): void {
    this.#isReady = true;
    if (!this.#isServing) return;
    this.#onFree(this);
    this.#owner.onRoom();
  }

  /** The call is here no more, and never began. */
  #unsend(): void {
    this.#work = undefined;
    if (this.#ending !== undefined) this.#endingOver(this.#ending);
    this.#onFree(this);
  }

  /** Makes the call that was sent; false if this has ended meanwhile. */
  readonly #make = (): boolean => {
    const work = this.#work;
    if (work === undefined || !this.#isServing) return false;
    const args = this.#args;
    this.#args = NOTHING;
    this.#calls.make(work.terms, work.id(this.#index), args, this.#seq);
    return true;
  };

  #settle(isFailed: boolean, value: unknown): void {
    const work = this.#work;
    if (work === undefined || !this.#isServing) return;
    this.#work = undefined;
    this.#hasServed = true;
    this.#onLeft?.(work);
    // Before it settles: what waits for its end is over.
    if (this.#ending !== undefined) this.#endingOver(this.#ending);
    this.#links?.ended(this.#seq);
    this.#clocks?.ended();
    const index = this.#index;
    work.started(index, this.identity);
    if (isFailed) work.threw(index, value);
    else work.succeed(index, value);
    this.#onFree(this);
    this.#owner.onRoom();
  }

  #end(seq: number, reason: CancelledError | TimeoutError, isFinal: boolean): void {
    if (this.workAt(seq) === undefined || !this.#isServing) return;
    if (this.#ending !== undefined) {
      if (isFinal) this.#stopOnceTold();
      return;
    }
    const ending: EndingCall = { seq, isTold: false, isFinal };
    this.#ending = ending;
    const grace = this.#limits.interruptGrace;
    if (grace === 0) return this.stop();
    queueMicrotask(() => this.#tell(ending, reason));
    this.#grace.set(grace, () => this.stop());
  }

  #stopOnceTold(): void {
    if (this.#ending?.isTold === false) this.#ending.isFinal = true;
    else this.stop();
  }

  #tell(ending: EndingCall, reason: unknown): void {
    if (this.#ending !== ending) return;
    ending.isTold = true;
    if (ending.isFinal) queueMicrotask(() => this.#ending === ending && this.stop());
    this.#calls.abort(reason);
  }

  #endingOver(ending: EndingCall): void {
    this.#ending = undefined;
    this.#grace.clear();
    if (ending.isFinal) this.stop();
  }

  #withClocks(): CallLimits {
    // It starts in no time.
    this.#clocks ??= new CallLimits(
      this,
      this,
      this.#limits.startTimeout,
      () => {},
      () => this.#stopOnceTold(),
    );
    return this.#clocks;
  }

  #hostLinks(): HostLinks {
    const channel: ConstructorParameters<typeof HostLinks>[1] = {
      send: (message) => {
        const seq = this.#seq;
        if (message.kind !== "link") return;
        const { link, word } = message;
        queueMicrotask(() => this.workAt(seq) && this.#calls.hear(link, word));
      },
    };
    return new HostLinks(this.identity, channel, this, undefined, this.#owner);
  }

  #exits(): void {
    this.#calls.leave();
    this.#clocks?.stop();
    this.#grace.clear();
    this.#links?.gone();
    const call = this.frontCall;
    this.#work = undefined;
    if (call !== undefined) this.#onLeft?.(call.work);
    const verdict = this.#verdict;
    const exit: WorkerExit = { code: 0, abandoned: call !== undefined };
    this.#exit = verdict === undefined ? exit : { ...exit, error: verdict };
    this.#onFree(this);
    this.#owner.onGone(this, this.#exit, call === undefined ? [] : [call], []);
  }
}
