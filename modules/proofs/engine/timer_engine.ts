// TimerEngine: an engine without workers, windows or messages. Each call waits for a timer, and is made when that fires. It
// shows that a ledger is all an executor needs beside its engine.

import { isGenerator } from "../../core/brand.ts";
import { serviceOf } from "../../core/call_links.ts";
import type { Hold } from "../../core/events.ts";
import { type Engine, Ledger, type LedgerOptions } from "../../core/scheduling/ledger.ts";
import { TaskQueue } from "../../core/scheduling/task_queue.ts";
import { CallLink, FIRST_CREDIT, type LinkEar } from "../../core/seam/call_link.ts";
import type { LinkWord } from "../../core/seam/messages.ts";
import { producerOf } from "../../core/serving/producer.ts";
import type { AnyFunction, TaskSource } from "../../core/task.ts";
import {
  BEFORE_OUTCOME,
  contextSlot,
  type LinkPlug,
  OPEN_LINK,
  type OpenContext,
} from "../../core/task_context.ts";
import { Timer } from "../../core/time/timer.ts";
import type { Call, Place, Work } from "../../core/work/work.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";

/** The ear of a link that nobody serves. */
const DEAF: LinkEar = { took() {}, ended() {} };

/** A call whose timer is set, or that runs. */
class MadeCall implements Call, Place {
  readonly engine: TimerEngine;
  readonly work: Work;
  readonly index: number;
  readonly identity: WorkerIdentity;
  readonly #abort = new AbortController();
  /** Holds no program: the ledger does. */
  readonly #timer = new Timer();
  #isBegun = false;
  /** What it has opened: the host's end, and who hears at its own. */
  readonly #links: { link: CallLink; hear: (word: undefined) => void }[] = [];

  constructor(engine: TimerEngine, work: Work, index: number) {
    this.engine = engine;
    this.work = work;
    this.index = index;
    const id = work.id(index);
    this.identity = { id, name: `${engine.options.name}_${id}` };
    this.#timer.set(0, () => void this.#run());
    work.sent(index, this, 0);
  }

  takeBack(): boolean | undefined {
    if (this.#isBegun) return false;
    if (!this.engine.knows) return undefined;
    this.#timer.clear();
    this.engine.left(this);
    return true;
  }

  hasBegun(): boolean {
    return this.#isBegun;
  }
  /** Its signal aborts; nobody waits for it any more. */
  end(_seq: number, reason: Error): void {
    this.#timer.clear();
    this.engine.left(this);
    this.work.ended?.();
    this.#abort.abort(reason);
  }

  async #run(): Promise<void> {
    const { work, index } = this;
    this.#isBegun = true;
    work.started(index, this.identity);
    const settle = await this.#call().then(
      (value) => () => work.succeed(index, value),
      (error) => () => work.threw(index, error),
    );
    if (this.engine.left(this)) settle();
  }

  async #call(): Promise<unknown> {
    const { source } = this.work.terms;
    const args: unknown[] = [];
    this.work.pushArgs(this.index, args);
    const fn: AnyFunction = source.fn ?? (await this.#load(source));
    const context = (): OpenContext => ({
      id: this.work.id(this.index),
      worker: this.identity,
      signal: this.#abort.signal,
      progress: (fraction, detail) => this.work.progressed(this.index, { fraction, detail }),
      [BEFORE_OUTCOME]: () => () => {},
      [OPEN_LINK]: (to, hear) => this.#openLink(to, hear),
    });
    const { handles } = contextSlot;
    const lent = args.map((arg) =>
      isObject(arg) && handles?.has(arg) ? handles.lend(arg, context()) : arg,
    );
    contextSlot.current = context;
    try {
      const value = fn(...lent);
      if (typeof value === "object" && value !== null && isGenerator(value))
        throw new TypeError("Cannot return a generator: use stream() for it");
      return value;
    } finally {
      contextSlot.current = undefined;
    }
  }

  async #load({ module, export: name, stream }: TaskSource): Promise<AnyFunction> {
    const fn = (await import(module))[name];
    return stream === undefined ? fn : producerOf(fn, stream);
  }

  /** Both ends of a link are here. A word takes a microtask, as long as the call goes on. */
  #openLink(to: string, hear: (word: LinkWord | undefined) => void): LinkPlug {
    if (!this.engine.makes(this)) throw new ReferenceError("Cannot open link: the call has ended");
    const inTurn = (act: () => void) => queueMicrotask(() => this.engine.makes(this) && act());
    const { current } = contextSlot;
    const isProcess = false;
    const { work, index, identity } = this;
    const { observers } = this.engine.ledger;
    const call = {
      id: work.id(index),
      task: work.terms.name,
      worker: identity,
      crowd: CROWD,
      report: (error: unknown) =>
        this.engine.ledger.report(error, { kind: "lease", task: work.terms.name }),
      get isObserved() {
        return observers.any;
      },
      tell: (hold: Hold) => observers.held(work, index, identity, hold),
    };
    const link = new CallLink(
      {
        say: (word) => inTurn(() => hear(word)),
        code: undefined,
        isProcess,
        action: "",
        direction: "to",
      },
      (own) => (to === "stream" ? work.opened?.(index, own) : serviceOf(to)?.(own, call)) ?? DEAF,
      FIRST_CREDIT,
      to === "stream" ? work.terms.source.stream : FIRST_CREDIT,
    );
    this.#links.push({ link, hear });
    return {
      byReference: true,
      isProcess,
      taskName: work.terms.name,
      say: (word) => word.does !== "open" && inTurn(() => link.hear(word)),
      enter: (run) => {
        contextSlot.current = current;
        try {
          return run();
        } finally {
          contextSlot.current = undefined;
        }
      },
    };
  }

  /** It is over, before it settles. */
  leave(): void {
    for (const { link, hear } of this.#links) {
      hear(undefined);
      link.end({ by: "settled" });
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Every call has a slot of its own. */
const CROWD = {
  isHeldBy: () => false,
  awaits: () => false,
  brings: () => false,
  watch: () => () => {},
};

/** Makes each call in a timer of its own, so many at once. */
export class TimerEngine implements Engine {
  readonly options: LedgerOptions;
  readonly maxWorkers: number;
  readonly knows: boolean;
  readonly ledger: Ledger;
  readonly keepsContext = false;
  readonly isEnding = false;
  readonly #queue = new TaskQueue();
  readonly #made = new Set<MadeCall>();

  /** @param knows Whether it can tell of a call that it has not begun: nobody can of one on its way to another machine. */
  constructor(options: LedgerOptions, maxWorkers: number, knows: boolean) {
    this.options = options;
    this.maxWorkers = maxWorkers;
    this.knows = knows;
    this.ledger = new Ledger(this, options);
  }

  enqueue(work: Work): void {
    this.#queue.put(work);
    queueMicrotask(() => this.#makeMore());
  }
  moved(work: Work, before: number): void {
    this.#queue.moved(work, before);
  }
  dropped(): void {
    this.#queue.dropped();
  }
  takeBack(of?: Work): Call[] {
    const calls = [...this.#made].filter(({ work }) => of === undefined || work === of);
    return calls.filter((call) => call.takeBack() === true);
  }

  end(work: Work, reason: Error): void {
    for (const call of this.#made) if (call.work === work) call.end(0, reason);
  }

  pause(): void {
    this.#queue.giveBack(this.takeBack());
  }
  resume(): void {
    queueMicrotask(() => this.#makeMore());
  }

  cancelWaiting(): void {
    this.#queue.giveBack(this.takeBack());
    for (const work of this.#queue.drain()) work.cancelWaiting();
  }
  cancelRunning(): void {
    for (const { work, index } of this.#made) work.cancel(index);
  }

  failAll(error: () => unknown): void {
    for (const work of this.#queue.drain()) work.failWaiting(error);
    for (const { work, index } of this.#made) work.fail(index, error());
  }

  stop(): void {}
  close(): void {}

  count(): ReturnType<Engine["count"]> {
    const running = [...this.#made].filter((call) => call.hasBegun()).length;
    return { running, workers: 0, busy: running, lost: 0, abandoned: 0 };
  }

  /** Whether a call goes on. */
  makes(call: MadeCall): boolean {
    return this.#made.has(call);
  }

  /** A call is over; false if it was before. */
  left(call: MadeCall): boolean {
    if (!this.#made.delete(call)) return false;
    call.leave();
    queueMicrotask(() => this.#makeMore());
    return true;
  }

  #makeMore(): void {
    while (this.#made.size < this.maxWorkers && !this.ledger.isPaused) {
      const work = this.#queue.front();
      if (work === undefined) return;
      this.#made.add(new MadeCall(this, work, work.take()));
    }
  }
}
