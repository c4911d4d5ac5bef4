// WorkerReports: what a worker says, word by word, and what comes of it.

import { dataCloneError } from "../errors.ts";
import { isWorkerMessage } from "../seam/message_check.ts";
import type { WorkerMessage } from "../seam/messages.ts";
import type { Parts } from "../seam/packed.ts";
import { decodeError, UnmadeInstance, unpackEach } from "../seam/unpack.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { CallLimits } from "./call_limits.ts";
import type { Ending } from "./ending.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { HostLinks } from "./host_links.ts";
import type { OutcomeReader } from "./outcome_reader.ts";
import type { ReportListener } from "./report_listener.ts";
import type { Window } from "./window.ts";

/** What a worker's words are for. */
export interface ReportParts {
  readonly window: Window;
  readonly reader: OutcomeReader;
  readonly ending: Ending;
  readonly limits: CallLimits;
  readonly links: HostLinks;
  readonly heartbeat: Heartbeat | undefined;
}

/** The reports of one worker. */
export class WorkerReports {
  readonly #worker: WorkerIdentity;
  readonly #listener: ReportListener;
  readonly #window: Window;
  readonly #reader: OutcomeReader;
  readonly #ending: Ending;
  readonly #limits: CallLimits;
  readonly #links: HostLinks;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #onIdle: () => void;
  readonly #onLook: () => void;
  readonly #onRetire: () => void;
  readonly #read = (): boolean => this.#reader.read();
  #isReady = false;
  #hasServed = false;
  #isGone = false;
  #inspector: string | undefined = undefined;
  #lastAt = 0;
  #isStalled = false;

  /**
   * @param onIdle Told when the worker has reported all it had.
   * @param onLook Told when the worker asks to be looked at.
   * @param onRetire Told when the worker has had nothing for long.
   */
  constructor(
    worker: WorkerIdentity,
    listener: ReportListener,
    parts: ReportParts,
    onIdle: () => void,
    onLook: () => void,
    onRetire: () => void,
  ) {
    this.#worker = worker;
    this.#listener = listener;
    this.#window = parts.window;
    this.#reader = parts.reader;
    this.#ending = parts.ending;
    this.#limits = parts.limits;
    this.#links = parts.links;
    this.#heartbeat = parts.heartbeat;
    this.#onIdle = onIdle;
    this.#onLook = onLook;
    this.#onRetire = onRetire;
  }

  /** Whether it has ever been ready: one that has not failed to start. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether it has ever told the outcome of a call. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  /** Where a debugger reaches it, if it has said so. */
  get inspector(): string | undefined {
    return this.#inspector;
  }

  /** When it last reported, or began anew, on the monotonic clock. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** Whether the call in front has turned out long. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** It begins anew, having had nothing; tells how many milliseconds ago it last reported. */
  beginAnew(): number {
    const now = performance.now();
    const since = now - this.#lastAt;
    this.#lastAt = now;
    return since;
  }

  /** The call in front has turned out long. */
  stall(): void {
    this.#isStalled = true;
    this.#noticeFront();
    // The guess that such calls are short was wrong: those taken back must not be sent behind another one of them. Of a worker
    // that has not begun nothing is learnt but that it has no processor.
    const { front } = this.#window;
    if (front !== undefined && this.#window.hasBegun(front))
      this.#window.frontWork?.terms.profile.learn(performance.now() - this.#lastAt, 0);
  }

  /** Settles what is here, where it is in the ring; tells whether the next is on its way through the channel. */
  look(): boolean {
    if (!this.#reader.hasMore) return false;
    this.#advance();
    return this.#reader.waitsForChannel;
  }

  /** Takes a message that may be forged: the task shares its worker with our end of the link. */
  hear(message: unknown): void {
    if (this.#isGone) return;
    if (!isWorkerMessage(message)) return this.#condemn("it sent what is no message");
    this.#heartbeat?.heard();
    this.#receive(message);
  }

  /** The worker is gone: what it has reported is known, however it ended. */
  gone(): void {
    this.#advance();
    // What has begun ran, though nobody may have looked: to be run again does not make it pending. Observers are told
    // while every call is still in its window (invariant 1).
    for (let seq = this.#window.head; seq < this.#window.next; seq++)
      if (this.#window.hasBegun(seq)) this.#noteStart(seq);
    this.#links.gone();
    this.#isGone = true;
  }

  #receive(message: WorkerMessage): void {
    this.#listener.onTurn();
    // What lies in the ring was said before.
    this.#advance();
    switch (message.kind) {
      case "look":
        this.#onLook();
        return;
      case "ready":
        if (this.#isReady) return;
        this.#limits.started();
        this.#isReady = true;
        this.#heartbeat?.start();
        this.#listener.onRoom();
        return;
      case "failed":
        if (this.#isReady) return this.#condemn("it failed to start after it was ready");
        this.#listener.onFailed(this.#worker, decodeError(message.error));
        return;
      case "loading":
        // Its module is the first of a call that is touched.
        if (this.#window.front !== undefined) this.#window.noteBegun(this.#window.front);
        this.#limits.starting();
        return;
      case "loaded":
        this.#limits.started();
        return;
      case "started":
        this.#started(message.seq);
        return;
      case "settled":
        if (!this.#takeOutcomes(message)) return;
        this.#advance();
        // The ring announces each before it is sent: what is left over was never announced, or is out of turn.
        if (this.#reader.hasLeft) this.#condemn("it sent outcomes nobody asked for");
        return;
      case "progress":
        this.#progressed(message);
        return;
      case "console":
        this.#printed(message);
        return;
      case "link":
        this.#linked(message);
        return;
      case "aborting":
        this.#ending.answered(message.seq);
        return;
      case "pong":
        return;
      case "inspector":
        this.#inspector ??= message.url;
        return;
      case "leaving":
        this.#ending.leaves();
        return;
      case "unreadable":
        this.#unreadable(message.seq);
        return;
      case "idle":
        this.#onRetire();
        return;
      case "fault":
        this.#faulted(decodeError(message.error), message.seq);
        return;
      default:
        message satisfies never;
    }
  }

  /** Settles every call whose outcome is here, and sees what that makes due. */
  #advance(): void {
    if (this.#isGone) return;
    try {
      if (!this.#listener.observers.together(this.#read)) return;
    } catch (error) {
      this.#condemn((error as Error).message);
      return;
    }
    this.#lastAt = performance.now();
    this.#isStalled = false;
    this.#hasServed = true;
    // What comes through the ring is no message.
    this.#heartbeat?.heard();
    this.#limits.ended();
    this.#noticeFront();
    if (this.#window.size === 0) this.#onIdle();
    this.#listener.onRoom();
  }

  #started(seq: number): void {
    if (this.#window.workAt(seq) === undefined) return;
    this.#window.noteBegun(seq);
    this.#noteStart(seq);
    this.#limits.running(seq);
  }

  #progressed({ seq, fraction, detail: packed }: WorkerMessage & { kind: "progress" }): void {
    if (!this.#putTogether(packed?.parts)) return;
    const detail = packed?.list[0];
    this.#noteStart(seq);
    const progress = { fraction, ...(detail === undefined ? {} : { detail }) };
    this.#window.workAt(seq)?.progressed(this.#window.indexAt(seq), progress);
  }

  #printed({ seq, level, text }: WorkerMessage & { kind: "console" }): void {
    if (seq !== undefined) this.#noteStart(seq);
    const work = seq === undefined ? undefined : this.#window.workAt(seq);
    const call = work && { work, index: this.#window.indexAt(seq as number) };
    this.#listener.onPrinted(this.#worker, call, level, text);
  }

  #linked(message: WorkerMessage & { kind: "link" }): void {
    this.#noteStart(message.seq);
    try {
      this.#reader.wordsReceived++;
      this.#links.hear(message);
    } catch (error) {
      return this.#condemn((error as Error).message);
    }
    // What was said behind it may lie in the ring.
    this.#advance();
  }

  /** Fails the call in front: what could not be read, at either end, travelled alone, and its turn has come. */
  #unreadable(unread: number | undefined): void {
    const seq = this.#window.front;
    const isOutcome = unread === undefined;
    if (isOutcome && (seq === undefined || !this.#window.hasBegun(seq)))
      return this.#condemn("it sent what cannot be read");
    // One that was taken back meanwhile has nobody who waits for it.
    const isGone = !isOutcome && this.#window.workAt(unread) === undefined;
    if (!isOutcome && !isGone && unread !== seq)
      return this.#condemn("it could not read what is not its turn");
    const front = isGone ? undefined : this.#window.frontCall;
    const name = front?.work.terms.name;
    const what = isOutcome
      ? `Cannot return from task "${name}": its result cannot be read here`
      : `Cannot send task "${name}": its arguments cannot be read by the worker`;
    // Without this it would be sent again and again, to one worker after another.
    front?.work.fail(front.index, dataCloneError(what));
    // Such a worker makes no more, or is heard no more: some platforms deliver nothing behind what cannot be read.
    this.#ending.kill();
  }

  /** Something was thrown beside the call that runs; `seq` where it was that call's own. */
  #faulted(error: unknown, seq: number | undefined): void {
    const isOwn =
      seq !== undefined && this.#window.workAt(seq) !== undefined && this.#window.hasBegun(seq);
    if (isOwn) this.#limits.failedBeside(seq, error);
    const front = isOwn ? undefined : this.#window.frontCall;
    const isRunning = front?.work.isSettled(front.index) === false;
    this.#listener.onFault(this.#worker, error, isRunning ? front.work.terms.name : undefined);
  }

  /** Takes outcomes, whole; false where they are forged. A result that nobody here knows how to make is a failure. */
  #takeOutcomes(message: WorkerMessage & { kind: "settled" }): boolean {
    const { first, parts } = message;
    if (parts === undefined) {
      this.#reader.receive(message);
      return true;
    }
    const errors = [...(message.errors ?? [])];
    for (const [at, fault] of this.#failedOf(parts)) {
      if (!(fault instanceof UnmadeInstance)) return this.#distrustParts();
      const name = this.#window.workAt(first + at)?.terms.name;
      const what = `Cannot return from task "${name}": its result cannot be put together`;
      const error = dataCloneError(`${what}: ${fault.message}`);
      errors.push({ seq: first + at, error: { kind: "same", error } });
    }
    // A class of the user's has made instances meanwhile, and may have ended the worker.
    if (this.#isGone) return false;
    errors.sort((one, other) => one.seq - other.seq);
    this.#reader.receive(errors.length === 0 ? message : { ...message, errors });
    return true;
  }

  /** Makes whole what came in parts; false where they are forged. What nobody here knows how to make is missing. */
  #putTogether(parts: Parts | undefined): boolean {
    if (parts === undefined) return true;
    for (const [, fault] of this.#failedOf(parts)) {
      if (!(fault instanceof UnmadeInstance)) return this.#distrustParts();
      this.#faulted(fault, undefined);
    }
    return !this.#isGone;
  }

  #failedOf(parts: Parts): Iterable<[number, unknown]> {
    try {
      return unpackEach(parts);
    } catch (error) {
      return [[0, error]];
    }
  }

  #distrustParts(): false {
    this.#condemn("it sent what cannot be put together");
    return false;
  }

  /** Tells the call in front that it has begun, where that is so. */
  #noticeFront(): void {
    const seq = this.#window.front;
    if (seq !== undefined && this.#window.hasBegun(seq)) this.#noteStart(seq);
  }

  #noteStart(seq: number): void {
    this.#window.workAt(seq)?.started(this.#window.indexAt(seq), this.#worker);
  }

  #condemn(what: string): void {
    this.#ending.giveUp(new TypeError(`Cannot trust worker ${this.#worker.id}: ${what}`));
  }
}
