// Ending: how a call is ended, and a worker.
//
//   terminateWorker, resize,            a call is interrupted,                 it sends what no worker of ours sends,
//   shutdown, idle, old                 or out of time                         is silent, has outgrown its memory
//          │                                  │                                          │
//          │                                  ▼                                          │
//          │                          abort: its signal aborts                           │
//          │                                  │ it goes on for `interruptGrace`          │
//          │            ┌─────────────────────┴────────────────────┐                     │
//          │            │ the worker has answered:                 │ it has not:         │
//          │            │ its event loop turns                     │ it hears nothing    │
//          ▼            ▼                                          │                     │
//        stop: asked to exit, which no task can refuse             │                     │
//                       │ not gone after its grace                 │                     │
//                       ▼                                          ▼                     ▼
//                     kill: the channel terminates it ◀────────────┘                  giveUp: the same, with a verdict
//
// A thread of Deno that is terminated while it runs code burns on for ever: where a channel says so (`askFirst`), kill asks
// first, too, and the worker's place is another's meanwhile. The end of a worker is what its channel reports; until then
// its calls are in its window.

import { type CancelledError, TimeoutError } from "../errors.ts";
import type { Channel } from "../seam/channel.ts";
import type { HostMessage } from "../seam/messages.ts";
import { encodeError } from "../seam/pack.ts";
import type { WireError } from "../seam/packed.ts";
import { Timer } from "../time/timer.ts";
import type { Window } from "./window.ts";

/** How long a worker that was told to stop may take, in milliseconds, before it is ended. */
const STOP_GRACE = 1000;
/**
 * The same of one that waits for somebody to read what its tasks have printed: a pager, or a program that has other things
 * to do. Where a platform writes at once it is the task that waits so, without a limit.
 */
const LEAVE_GRACE = 60_000;

/** An event loop that turns has answered by then, in milliseconds; one that has not is doubtful. */
const HEAR_MS = 5;
/** What a worker takes to start, in milliseconds: it need not begin sooner before it may be needed. */
const START_MS = 100;
/** A host that comes so much later, in milliseconds, was held up, and has not heard what was said meanwhile. */
const LATE_MS = 5;

/** A call that is being ended: after its grace the worker is. */
interface EndingCall {
  readonly seq: number;
  /** Whether the worker should have answered by now. */
  isDue: boolean;
  /** Whether the worker has answered. */
  hasAnswered: boolean;
  /** Whether the worker ends with it, whatever the call does. */
  isFinal: boolean;
}

/** The end of one worker, and of its calls. */
export class Ending {
  readonly #channel: Channel;
  readonly #window: Window;
  readonly #interruptGrace: number;
  readonly #byReference: boolean;
  readonly #onGivenUp: (verdict: Error) => void;
  readonly #onPlace: () => void;
  #keepsPlace = true;
  #call: EndingCall | undefined = undefined;
  /** The grace of that call. */
  readonly #callTimer = new Timer();
  #isServing = true;
  #isExpected = false;
  /** It does what it was told, and takes its time. */
  #isLeaving = false;
  /** It does so after what its finalizer is for. */
  #isFinalizing = false;
  #verdict: unknown = undefined;
  /** The grace of the worker. */
  readonly #timer = new Timer();

  /**
   * @param onGivenUp Told when the worker is ended because it is at fault.
   * @param onPlace Told when its place is free, though it has not ended, or may soon be.
   */
  constructor(
    channel: Channel,
    window: Window,
    limits: { readonly interruptGrace: number; readonly byReference: boolean },
    onGivenUp: (verdict: Error) => void,
    onPlace: () => void,
  ) {
    this.#channel = channel;
    this.#window = window;
    this.#interruptGrace = limits.interruptGrace;
    this.#byReference = limits.byReference;
    this.#onGivenUp = onGivenUp;
    this.#onPlace = onPlace;
  }

  /** Whether the worker may be sent calls, as far as its end is concerned. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Whether it counts among the workers there may be: not one that is to be killed, and may take a while to hear it. */
  get keepsPlace(): boolean {
    return this.#keepsPlace;
  }

  /** Whether it does not answer, and may have to be killed. */
  get isDoubtful(): boolean {
    return this.#call?.isDue === true && !this.#call.hasAnswered;
  }

  /** Whether its end was asked for: it tells nothing about the executor's health. */
  get isExpected(): boolean {
    return this.#isExpected;
  }

  /** Why it was ended, where that was our doing. */
  get verdict(): unknown {
    return this.#verdict;
  }

  /** Whether a call is being ended. */
  get hasCall(): boolean {
    return this.#call !== undefined;
  }

  /** Ends a call that has begun, if it is still the one that runs; `isFinal` ends the worker with it, whatever it does. */
  abort(seq: number, reason: CancelledError | TimeoutError, isFinal = false): void {
    // What was being ended has ended, if the worker has begun this call: only its outcome is not here yet.
    if (this.#call !== undefined && this.#window.hasPassed(this.#call.seq)) this.#callEnded();
    if (this.#call !== undefined || this.#window.takeBack(seq)) return;
    // It has ended, only its outcome is not here yet: what runs now is another call, and innocent.
    if (this.#window.workAt(seq) === undefined || this.#window.hasPassed(seq)) return;
    const call: EndingCall = { seq, isDue: false, hasAnswered: false, isFinal };
    this.#call = call;
    // Code of the user's runs: the call may be seen to have ended.
    const told = this.#encode(reason);
    if (this.#call !== call) return;
    this.send({ kind: "abort", seq, reason: told });
    if (this.#interruptGrace === 0) {
      this.kill();
      return;
    }
    this.#awaitEnd(call, this.#interruptGrace);
  }

  /**
   * Asks the worker to exit; one that does not within `grace` milliseconds is killed.
   *
   * @param onceHeard Not before it is known to react, where that is in question.
   * @param finalizes After its finalizer, for which it has that grace.
   */
  stop({
    grace = Math.max(STOP_GRACE, this.#interruptGrace),
    onceHeard = false,
    finalizes = false,
  } = {}): void {
    if (onceHeard && (this.#isLeaving || this.#isFinalizing)) return this.#terminate();
    if (onceHeard && this.#call?.hasAnswered === false) {
      this.#call.isFinal = true;
      return;
    }
    if (!this.#isServing) return;
    this.#isServing = false;
    this.#isExpected = true;
    this.#isFinalizing = finalizes;
    this.send(finalizes ? { kind: "stop", finalizes } : { kind: "stop" });
    this.#timer.set(grace, () => this.#overdue(grace));
  }

  /** Ends the worker as soon as the platform can, without any time for its task. */
  kill(): void {
    const { askFirst = 0 } = this.#channel;
    if (askFirst === 0) {
      this.#terminate();
      return;
    }
    // Whoever waits for a call that is lost with it waits for its end. Else nobody does: it may take longer to hear.
    this.stop({ grace: this.#call === undefined ? askFirst : STOP_GRACE });
    this.#keepsPlace = false;
    this.#onPlace();
  }

  /** Ends a worker that is at fault. */
  giveUp(verdict: Error): void {
    if (this.#verdict !== undefined) return;
    this.#verdict = verdict;
    this.#isServing = false;
    this.#channel.terminate(true);
    this.#onGivenUp(verdict);
  }

  /** Notes why the worker is about to be ended, or never was one. */
  judge(verdict: Error): void {
    this.#verdict = verdict;
  }

  // What the worker says, and its channel.

  /** It has heard that a call is to be ended. */
  answered(seq: number): void {
    if (this.#call?.seq !== seq) return;
    this.#call.hasAnswered = true;
    if (this.#call.isFinal) this.stop();
  }

  /** A call has ended. */
  ended(seq: number): void {
    if (this.#call?.seq === seq) this.#callEnded();
  }

  /** It goes, but has still something to let out. Once, and of none that has a call: what a worker may ask for is limited. */
  leaves(): void {
    if (this.#isLeaving || this.#isServing || this.#window.live > 0) return;
    this.#isLeaving = true;
    this.#isFinalizing = false;
    this.#timer.set(LEAVE_GRACE, () => this.#terminate());
  }

  /** The link is cut: its end is on the way here, or it can be reached no more. Nothing more is sent. */
  linkEnded(): void {
    this.#isServing = false;
    this.#timer.set(STOP_GRACE, () => this.#channel.terminate(true));
  }

  /** It is gone. */
  gone(): void {
    this.#isServing = false;
    this.#timer.clear();
    this.#callTimer.clear();
  }

  /** Sends a message of which it does not matter whether it arrives. */
  send(message: HostMessage): void {
    try {
      this.#channel.send(message);
    } catch {
      // It has ended, and its end is on the way here.
    }
  }

  /** Gives a call its grace. Some of it goes on when whoever will be needed if it does not end can begin to start. */
  #awaitEnd(call: EndingCall, grace: number): void {
    const since = performance.now();
    // One that reacts but goes on is asked to exit; the call it runs cannot refuse that.
    const goOn = () => (call.hasAnswered ? this.stop() : this.kill());
    const isOver = () => {
      if (performance.now() - since > grace + LATE_MS) this.#callTimer.set(1, goOn);
      else goOn();
    };
    const due = Math.max(HEAR_MS, grace - START_MS);
    if (due >= grace) return this.#callTimer.set(grace, isOver);
    this.#callTimer.set(due, () => {
      this.#callTimer.set(grace - due, isOver);
      call.isDue = true;
      if (!call.hasAnswered) this.#onPlace();
    });
  }

  #callEnded(): void {
    this.#callTimer.clear();
    if (this.#call?.isFinal === true) this.stop();
    this.#call = undefined;
  }

  /** It has not gone within its grace. */
  #overdue(grace: number): void {
    if (this.#isFinalizing)
      this.#onGivenUp(new TimeoutError(`Cannot finish finalizer: it ran longer than ${grace} ms`));
    this.#terminate();
  }

  /** Ends the worker without asking. Its calls are reported with its end. */
  #terminate(): void {
    this.#isExpected = true;
    // Nothing is sent to it any more, even if the call ends before the worker does.
    this.#isServing = false;
    const isSilent = this.#window.live > 0 && this.#call?.hasAnswered !== true;
    this.#channel.terminate(isSilent || this.#isFinalizing);
  }

  #encode(error: unknown): WireError {
    if (this.#byReference) return { kind: "same", error };
    return encodeError(error, { isProcess: this.#channel.sharesBuffers === false });
  }
}
