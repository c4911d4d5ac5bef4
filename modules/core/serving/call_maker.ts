// CallMaker: makes calls, one after another, and knows the one that runs.

import type { RunningCall } from "../async_context.ts";
import { isGenerator, type Marks, runtime } from "../brand.ts";
import { dataCloneError } from "../errors.ts";
import type { ConsoleLevel } from "../events.ts";
import type { ClaimTable } from "../memory/claims.ts";
import type { WorkerMemory } from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import type { HostMessage, LinkWord, Run, WireTask, WorkerMessage } from "../seam/messages.ts";
import { cannotCross, describe, encodeError, isRefusal, Packer } from "../seam/pack.ts";
import type { Link, Packed, Parts } from "../seam/packed.ts";
import { isPlain } from "../seam/plain.ts";
import { decodeError, unpackEach } from "../seam/unpack.ts";
import type { AnyFunction } from "../task.ts";
import {
  ArrivedHandle,
  BEFORE_OUTCOME,
  contextSlot,
  fractionOf,
  type HandleBook,
  type LinkPlug,
  OPEN_LINK,
  type OpenContext,
  SHARED,
  type ShareBook,
} from "../task_context.ts";
import type { Transferred } from "../transferred.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { LinkEnds, LinkRings } from "./link_rings.ts";
import { loadTask, type RareParts, wrapped } from "./load_task.ts";
import { encodeAs, type OutcomeWriter, unsendable } from "./outcome_writer.ts";

/** What differs for a worker that is only another slot on the host's own event loop. */
export interface ServeOptions {
  /** Values and errors pass by reference: nothing is encoded. Default: false. */
  byReference?: boolean;
  /** Other tasks run in this realm between the awaits of one. Default: false. */
  sharedRealm?: boolean;
  /** In a shared realm: tells later whose code it is that runs. */
  marks?: Marks<RunningCall> | undefined;
}

/** Makes the calls of one worker. */
export class CallMaker {
  readonly #port: Port;
  readonly #rareParts: RareParts;
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
  /** The links that the call has opened. */
  readonly links: PortLinks;
  /** Whether the call has sent a message of its own: its outcome must not overtake it through the ring. */
  #hasSpoken = false;
  /** What is put around each function, in this order. */
  readonly #layers: ((fn: AnyFunction) => AnyFunction)[] = [];
  /** How many calls were begun here. */
  #made = 0;
  /** Tasks that were seen not to end in the turn they begin in: only those can wait for a timer of their own. */
  readonly #waiting: boolean[] = [];
  /** In a shared realm: a function that ended in the turn it began in. It submits nothing later. */
  #prompt: AnyFunction | undefined = undefined;

  constructor(
    port: Port,
    rareParts: RareParts,
    outcomes: OutcomeWriter,
    tasks: readonly WireTask[],
    {
      byReference,
      sharedRealm,
      marks,
    }: Required<Omit<ServeOptions, "marks">> & Pick<ServeOptions, "marks">,
  ) {
    this.#port = port;
    this.#rareParts = rareParts;
    this.#outcomes = outcomes;
    this.#tasks = tasks;
    this.#byReference = byReference;
    this.#sharedRealm = sharedRealm;
    this.#marks = marks;
    this.#link = { isProcess: port.sharesBuffers === false };
    this.links = new PortLinks(port, rareParts, outcomes);
  }

  /** What is known once the host has spoken. */
  start(worker: WorkerIdentity, claims: Pick<ClaimTable, "begin"> | undefined): void {
    this.#worker = worker;
    this.#claims = claims;
  }

  /** From now on `layer` is put around each function, and around what was put there before. */
  add(layer: (fn: AnyFunction) => AnyFunction): void {
    this.#layers.push(layer);
  }

  /** The number of the call that runs; less than 0 where none does. */
  get seq(): number {
    return this.#seq;
  }

  /** Tells what the call of that number has printed, or what is left of it. */
  printed(seq: number, level: ConsoleLevel, text: string): void {
    if (seq >= 0 && seq === this.#seq) this.#say({ kind: "console", seq, level, text });
    else this.#port.send({ kind: "console", level, text });
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
    const opens = loadWhatOpens(args, this.#rareParts);
    const rings = this.links.loadRings();
    if (opens === undefined && rings === undefined) return open();
    return Promise.all([opens, rings]).then(open, (error) => this.#fail(error));
  }

  #layered(fn: AnyFunction): AnyFunction {
    let own = fn;
    for (const layer of this.#layers) own = layer(own);
    return own;
  }

  #makeBegun(run: Run, index: number, announce: boolean): Promise<void> | undefined {
    const seq = this.#seq;
    const fn = typeof run.task === "function" ? this.#layered(run.task) : this.#functions[run.task];
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
      fn = await loadTask(wire, this.#sharedRealm, this.#rareParts);
      if (wire.does !== undefined)
        fn = (await this.#rareParts.actorSeat()).actorCall(fn, wire.does, this);
      if (wire.stream !== undefined)
        fn = (await this.#rareParts.producer()).producerOf(fn, wire.stream);
      if (wire.around !== undefined) fn = await wrapped(fn, wire.around);
      fn = this.#layered(fn);
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
    if (this.links.areOpen) this.links.end();
    const seq = this.#seq;
    this.#seq = -1;
    const reading = this.#outcomes.succeed(seq, value, !this.#hasSpoken);
    if (reading !== undefined) this.#outcomes.flush();
    return reading;
  }

  #fail(error: unknown): void {
    if (this.links.areOpen) this.links.end();
    const seq = this.#seq;
    this.#seq = -1;
    this.#outcomes.fail(seq, error);
  }

  #openLink(seq: number, to: string, end: LinkEnd): LinkPlug {
    if (seq !== this.#seq)
      throw new ReferenceError(`Cannot open link to "${to}": the call has ended`);
    const link = this.links.open(end);
    const rings = this.links.ringsOf(to);
    const say: LinkPlug["say"] = (word, transfer) => {
      if (seq !== this.#seq) return;
      if (word.does === "close") this.links.close(link);
      if (rings?.say(link, word) === true) return;
      this.#say({ kind: "link", seq, link, word }, transfer);
      this.links.sent++;
    };
    say({ does: "open", to });
    const { isProcess } = this.#link;
    return {
      say,
      attend: (isAwaited) => rings?.attend(isAwaited),
      byReference: this.#byReference,
      isProcess,
      takesTexts: isProcess || rings !== undefined,
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
        const whole = fractionOf(fraction);
        // A report after the end has no one to go to.
        if (seq !== this.#seq) return;
        this.#sayProgress(seq, whole, detail);
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
    const what = `Cannot report progress of task "${this.taskName}"`;
    try {
      say(this.#byReference ? { list: [detail] } : packDetail(detail, what, this.#link));
    } catch (error) {
      this.tell("fault", explainedDetail(error, what));
      const words = new Packer(this.#link);
      say({ list: words.packThrown(detail), parts: words.parts });
    }
  }
}

/** What of a link is told of its call. */
export interface LinkEnd {
  hear(word: LinkWord | undefined): void;
  flush: (() => void) | undefined;
}

/** The links that the running call has opened to its host. */
export class CallLinks {
  /** Who is at this end of them, by their numbers. */
  #ends: Map<number, LinkEnd> | undefined = undefined;
  #next = 0;

  /** Whether the call has opened any. */
  get areOpen(): boolean {
    return this.#ends !== undefined;
  }

  open(end: LinkEnd): number {
    const link = this.#next++;
    this.#ends ??= new Map();
    this.#ends.set(link, end);
    return link;
  }

  close(link: number): void {
    this.#ends?.delete(link);
  }

  hear(link: number, word: LinkWord): void {
    this.#ends?.get(link)?.hear(word);
  }

  /** Has all say what they hold back. */
  flush(): void {
    for (const { flush } of this.#ends?.values() ?? []) flush?.();
  }

  /** A link is never older than its call. */
  end(): void {
    const ends = this.#ends;
    this.#ends = undefined;
    for (const { hear } of ends?.values() ?? []) hear(undefined);
  }
}

/** The same of a call that has a port between itself and its host, and perhaps rings. */
export class PortLinks extends CallLinks implements LinkEnds {
  readonly #port: Port;
  readonly #rareParts: RareParts;
  readonly #outcomes: OutcomeWriter;
  sent = 0;
  received = 0;
  /** Through which calls say what is small, once that is loaded, where there are rings. */
  #memory: WorkerMemory | undefined = undefined;
  #rings: LinkRings | undefined = undefined;

  constructor(port: Port, rareParts: RareParts, outcomes: OutcomeWriter) {
    super();
    this.#port = port;
    this.#rareParts = rareParts;
    this.#outcomes = outcomes;
  }

  /** From now on what calls say may go through the ring. */
  useRing(memory: WorkerMemory): void {
    this.#memory = memory;
  }

  /** Loads what that takes; undefined where there is nothing to wait for. */
  loadRings(): Promise<void> | undefined {
    const memory = this.#memory;
    if (memory === undefined || this.#rings !== undefined) return undefined;
    return this.#rareParts.linkRings().then(({ LinkRings }) => {
      const sendKept = () => this.#outcomes.sendKept();
      this.#rings ??= new LinkRings(this.#port, memory, this, sendKept);
    });
  }

  /** What a link speaks through. Items of a stream travel many in a message: for them nothing is gained. */
  ringsOf(to: string): LinkRings | undefined {
    return to === "stream" ? undefined : this.#rings;
  }

  /** A message has come: what lies in the ring was said before. */
  look(): void {
    this.#rings?.look();
  }

  /** The host has said a word by a message. */
  receive({ link, word }: HostMessage & { kind: "link" }): void {
    this.received++;
    this.hear(link, word);
    this.#rings?.read();
  }
}

function packDetail(detail: unknown, what: string, link: Link): Packed {
  if (isPlain(detail, !link.isProcess)) return { list: [detail] };
  const packer = new Packer(link);
  const list = packer.pack([detail], (_index, path, which) =>
    cannotCross(`${what}: detail${path} is ${which}`, link, "from"),
  );
  return { list, parts: packer.parts };
}

/** Where the platform itself has refused a detail, which does not know the task: what is said of it. */
function explainedDetail(error: unknown, what: string): unknown {
  if (!isRefusal(error) || error.message.startsWith(what)) return error;
  return dataCloneError(`${what}: ${error.message}`);
}

function nameOf(task: Run["task"]): string {
  return typeof task === "function" ? task.name : "";
}

export function failureToBegin(
  task: string | undefined,
  argument: number,
  error: unknown,
): DOMException {
  const what = `argument ${argument + 1} cannot be put together: ${describe(error)}`;
  return dataCloneError(`Cannot begin task "${task}": ${what}`);
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
export function loadWhatOpens(
  args: readonly unknown[],
  rareParts: RareParts,
): Promise<unknown> | undefined {
  const { handles, shares } = contextSlot;
  const isMissing = (arg: unknown) =>
    arg instanceof ArrivedHandle && (arg.wire.kind === SHARED ? shares : handles) === undefined;
  const missing = args.filter(isMissing) as ArrivedHandle[];
  if (missing.length === 0) return undefined;
  return Promise.all(
    missing.map(({ wire }) =>
      wire.kind === SHARED
        ? rareParts.sharedValue().then(({ installShares }) => installShares())
        : loadHandles(),
    ),
  );
}

async function loadHandles(): Promise<void> {
  await contextSlot.loadHandles?.();
  if (contextSlot.handles === undefined)
    throw new TypeError("Cannot begin task: this worker knows nothing of handles");
}

/** Makes the handles among the arguments of a call. */
export function openHandles(args: readonly unknown[], context: OpenContext | undefined): unknown[] {
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
export function thenOf(value: unknown): PromiseLike<unknown>["then"] | undefined {
  if ((typeof value !== "object" || value === null) && typeof value !== "function")
    return undefined;
  const { then } = value as PromiseLike<unknown>;
  return typeof then === "function" ? then : undefined;
}

/** Makes a promise of any thenable: settled once, whatever that calls back, and how often. */
export function settledBy(
  value: unknown,
  then: PromiseLike<unknown>["then"],
): PromiseLike<unknown> {
  if (then === Promise.prototype.then) return value as Promise<unknown>;
  return new Promise((resolve, reject) => Reflect.apply(then, value, [resolve, reject]));
}
