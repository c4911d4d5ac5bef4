// LoopCalls: makes the calls of one slot of this event loop, one at a time, right where they were submitted. Values, errors and
// functions pass as they are.

import { marksHere } from "../async_context.ts";
import { isGenerator } from "../brand.ts";
import type { ConsoleLevel } from "../events.ts";
import type { LinkWord } from "../seam/messages.ts";
import { CallLinks, type LinkEnd, settledBy, thenOf } from "../serving/call_maker.ts";
import { loadTask, type RareParts, wrapped } from "../serving/load_task.ts";
import type { AnyFunction, TaskSource } from "../task.ts";
import {
  BEFORE_OUTCOME,
  contextSlot,
  fractionOf,
  type LinkPlug,
  OPEN_LINK,
  type OpenContext,
} from "../task_context.ts";
import type { Terms } from "../work/work.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";

/** What few calls need, loaded when there is first need of it. Named literally, for whoever packs a program into files. */
const rareParts: Omit<RareParts, "linkRings" | "sharedValue"> = {
  actorSeat: () => import("../serving/actor_seat.ts"),
  consoleCapture: () => import("../serving/console_capture.ts"),
  debugging: () => import("../serving/debugging.ts"),
  nestedExports: () => import("../serving/nested_exports.ts"),
  producer: () => import("../serving/producer.ts"),
};

/** What is told of the calls. All but the outcome is told in a turn of its own: the code of a call is at work. */
export interface CallTeller {
  /** The module of the task is loaded, or that has ended. */
  loads(isLoading: boolean): void;
  /** The code of the call begins. */
  began(): void;
  /** The call has ended. */
  succeeded(value: unknown): void;
  threw(error: unknown): void;
  progressed(seq: number, progress: Progress): void;
  printed(seq: number, level: ConsoleLevel, text: string): void;
  linked(seq: number, link: number, word: LinkWord): void;
}

/** The calls of one slot. */
export class LoopCalls {
  readonly #worker: WorkerIdentity;
  readonly #teller: CallTeller;
  readonly #marks = marksHere();
  /** The call that runs: its number here, less than 0 where none does; and its id. */
  #seq = -1;
  #id = -1;
  #name = "";
  /** Made once anyone has asked for the signal. */
  #abort: AbortController | undefined = undefined;
  #abortReason: { readonly reason: unknown } | undefined = undefined;
  /** What the call has opened that must not outlive it. */
  #opened: Set<() => Promise<void>> | undefined = undefined;
  /** Made for the first link. */
  #links: CallLinks | undefined = undefined;
  /** Whether something it has said is still to be told: its outcome must not be told before. */
  #hasSpoken = false;
  /** A function that ended in the turn it began in. It submits nothing later. */
  #prompt: AnyFunction | undefined = undefined;
  /** The functions of tasks that were found by their names. */
  #functions: Map<TaskSource, AnyFunction> | undefined = undefined;
  /** What is called next, and with what: a closure less for each call. */
  #fn: AnyFunction = nothing;
  #given: readonly unknown[] = NOTHING;
  /** What is put around each function, in this order. */
  #layers: ((fn: AnyFunction) => AnyFunction)[] | undefined = undefined;

  constructor(worker: WorkerIdentity, teller: CallTeller) {
    this.#worker = worker;
    this.#teller = teller;
  }

  /** Gets ready for what the executor asks of all its calls. */
  async prepare({ debug, captureConsole }: PreparedFor): Promise<void> {
    if (debug)
      (await rareParts.debugging()).debugCalls(this, { sharedRealm: true, byReference: true });
    if (captureConsole) await (await rareParts.consoleCapture()).captureCalls(this, true);
  }

  /** From now on `layer` is put around each function, and around what was put there before. */
  add(layer: (fn: AnyFunction) => AnyFunction): void {
    this.#layers ??= [];
    this.#layers.push(layer);
  }

  /** The number of the call that runs; less than 0 where none does. */
  get seq(): number {
    return this.#seq;
  }

  /** Tells what the call of that number has printed. */
  printed(seq: number, level: ConsoleLevel, text: string): void {
    this.#say(seq, () => this.#teller.printed(seq, level, text));
  }

  /** Makes a call. */
  make({ source, name }: Terms, id: number, args: readonly unknown[], seq: number): void {
    this.#seq = seq;
    this.#id = id;
    this.#name = name;
    this.#hasSpoken = false;
    const own = source.fn ?? this.#functions?.get(source);
    if (own === undefined) void this.#loadAndCall(source, args, seq);
    else this.#call(source.fn === undefined ? own : this.#layered(own), args);
  }

  /** Aborts the signal of the call that runs. */
  abort(reason: unknown): void {
    this.#abortReason = { reason };
    this.#abort?.abort(reason);
  }

  /** What is said to the call over one of its links. */
  hear(link: number, word: LinkWord): void {
    this.#links?.hear(link, word);
  }

  /** Nothing that the call says, or comes of it, is told any more. */
  leave(): void {
    this.#seq = -1;
    this.#forget();
  }

  async #loadAndCall(source: TaskSource, args: readonly unknown[], seq: number): Promise<void> {
    this.#teller.loads(true);
    let fn: AnyFunction;
    try {
      fn = await loadTask(source, true, rareParts);
      const { does, stream, around } = source;
      if (does !== undefined) fn = (await rareParts.actorSeat()).actorCall(fn, does, this);
      if (stream !== undefined) fn = (await rareParts.producer()).producerOf(fn, stream);
      if (around !== undefined) fn = await wrapped(fn, around);
      fn = this.#layered(fn);
      this.#functions ??= new Map();
      this.#functions.set(source, fn);
    } catch (error) {
      this.#teller.loads(false);
      if (seq === this.#seq) this.#fail(error);
      return;
    }
    if (seq !== this.#seq) return;
    this.#teller.loads(false);
    this.#call(fn, args);
  }

  #layered(fn: AnyFunction): AnyFunction {
    return this.#layers === undefined ? fn : this.#layers.reduce((own, layer) => layer(own), fn);
  }

  #call(fn: AnyFunction, args: readonly unknown[]): void {
    this.#teller.began();
    let value: unknown;
    let isFailed = false;
    contextSlot.current = this.#openContext;
    try {
      const given = contextSlot.handles === undefined ? args : this.#lent(args);
      value =
        fn === this.#prompt || this.#marks === undefined
          ? fn(...given)
          : this.#marks.run({ id: this.#id, worker: this.#worker }, this.#marked(fn, given));
      const then = thenOf(value);
      if (then !== undefined) {
        this.#prompt = undefined;
        // What a promise of a class of its own does here may throw, too.
        promiseThen.call(settledBy(value, then), this.#onResult, this.#onError);
        return;
      }
    } catch (error) {
      isFailed = true;
      value = error;
    } finally {
      contextSlot.current = undefined;
    }
    if (!isFailed) this.#prompt = fn;
    // What it has said is told in the turn after this one.
    if (this.#hasSpoken) queueMicrotask(() => this.#end(isFailed, value));
    else this.#end(isFailed, value);
  }

  #marked(fn: AnyFunction, given: readonly unknown[]): () => unknown {
    this.#fn = fn;
    this.#given = given;
    return this.#callGiven;
  }

  readonly #callGiven = (): unknown => {
    const [fn, given] = [this.#fn, this.#given];
    this.#fn = nothing;
    this.#given = NOTHING;
    return fn(...given);
  };

  // Made once: of one call after another each ends before the next begins, and behind the last nothing is told any more.
  readonly #onResult = (value: unknown): void => this.#end(false, value);
  readonly #onError = (error: unknown): void => this.#end(true, error);

  /** Each call is given a handle of its own: what it takes by that is given back with it. */
  #lent(args: readonly unknown[]): readonly unknown[] {
    const { handles } = contextSlot;
    return args.map((arg) =>
      typeof arg === "object" && arg !== null && handles?.has(arg) === true
        ? handles.lend(arg, this.#openContext())
        : arg,
    );
  }

  #end(isFailed: boolean, value: unknown): void {
    if (this.#seq < 0) return;
    if (this.#opened !== undefined) void this.#endLater(isFailed, value);
    else if (isFailed) this.#fail(value);
    else this.#succeed(value);
  }

  /** Ends what the call has left open, what is opened meanwhile too. */
  async #endLater(isFailed: boolean, value: unknown): Promise<void> {
    for (const end of this.#opened ?? []) await end();
    this.#opened = undefined;
    this.#end(isFailed, value);
  }

  #succeed(value: unknown): void {
    if (typeof value === "object" && value !== null && isGenerator(value)) {
      const what = `Cannot return from task "${this.#name}": it is a generator; use stream() for it`;
      this.#fail(new TypeError(what));
      return;
    }
    this.leave();
    this.#teller.succeeded(value);
  }

  #fail(error: unknown): void {
    this.leave();
    this.#teller.threw(error);
  }

  #forget(): void {
    this.#abort = undefined;
    this.#abortReason = undefined;
    this.#opened = undefined;
    if (this.#links?.areOpen === true) this.#links.end();
  }

  /** Tells something about the call, if it still runs. */
  #say(seq: number, tell: () => void): void {
    if (seq === this.#seq) this.#hasSpoken = true;
    queueMicrotask(tell);
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
        const progress = { fraction: whole, ...(detail === undefined ? {} : { detail }) };
        this.#say(seq, () => this.#teller.progressed(seq, progress));
      },
      [BEFORE_OUTCOME]: (end) => {
        const opened = this.#opened ?? new Set();
        if (seq === this.#seq) this.#opened = opened.add(end);
        return () => opened.delete(end);
      },
      [OPEN_LINK]: (to, hear, flush) => this.#openLink(seq, to, { hear, flush }),
    };
  };

  #openLink(seq: number, to: string, end: LinkEnd): LinkPlug {
    if (seq !== this.#seq)
      throw new ReferenceError(`Cannot open link to "${to}": the call has ended`);
    this.#links ??= new CallLinks();
    const links = this.#links;
    const link = links.open(end);
    const say: LinkPlug["say"] = (word) => {
      if (seq !== this.#seq) return;
      if (word.does === "close") links.close(link);
      this.#say(seq, () => this.#teller.linked(seq, link, word));
    };
    say({ does: "open", to });
    return {
      say,
      byReference: true,
      isProcess: false,
      taskName: this.#name,
      enter: (run) => this.#enter(run),
    };
  }

  /** Runs code of the call that runs, so that it finds its context. */
  #enter<R>(run: () => R): R {
    const { current } = contextSlot;
    contextSlot.current = this.#openContext;
    try {
      return run();
    } finally {
      contextSlot.current = current;
    }
  }
}

/** Not the promise's own: that may be another one each time it is looked at, and call back twice. */
const promiseThen = Promise.prototype.then;

const NOTHING: readonly unknown[] = [];

function nothing(): void {}

/** What an executor asks of all its calls. */
export interface PreparedFor {
  /** What they print is told instead of printed. */
  readonly captureConsole: boolean;
  /** They are looked at one by one. */
  readonly debug: boolean;
}
