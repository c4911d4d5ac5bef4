// Model: a pool over model workers, random deeds done to it, and what must hold after each of them.
//
// The invariants are those of docs/architecture.md, as far as they can be seen from outside:
// - a call settles once, to its own value, and its callbacks run once;
// - no call is begun that was cancelled while it waited, and none after the shutdown is over;
// - a call is begun once, and once more for each loss that its retries allow;
// - never more calls run than there may be workers;
// - the counts add up after each deed;
// - once every fault is over, everything settles, and no worker and no timer of the pool is left.
import assert from "node:assert/strict";
import {
  BrokenExecutorError,
  CancelledError,
  type Executor,
  type Future,
  PoolExecutor,
  QueueFullError,
  ShutdownError,
  type Task,
  TimeoutError,
  task,
  taskContext,
  WorkerLostError,
} from "../../../mod.ts";
import type { Spawn } from "../../core/channel.ts";
import { ModelWorker } from "./model_worker.ts";
import { VirtualClock } from "./virtual_clock.ts";

const KINDS = ["short", "throws", "held", "polite", "moody", "moody"] as const;
type Kind = (typeof KINDS)[number];

/** One accepted call, as the model knows it. */
interface Call {
  readonly id: number;
  readonly kind: Kind;
  readonly retries: number;
  readonly future: Future<unknown>;
  runs: number;
  losses: number;
  callbacks: number;
  state: string;
  /** cancel() said that its code will never start. */
  isCancelledWaiting: boolean;
}

/** A task that is held until the test lets it go on. */
interface Held {
  readonly id: number;
  readonly worker: ModelWorker;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How the pool under test is made. */
export interface ModelOptions {
  readonly maxWorkers: number;
  readonly sharesMemory: boolean;
  /** Whether what a worker has sent arrives, even if it is killed in the next moment. */
  readonly keepsWord: boolean;
  /** Whether a busy worker cannot be stopped, and goes on unheard when it is given up: threads of Deno. */
  readonly abandons: boolean;
  readonly isObserved: boolean;
  readonly maxTasksPerWorker?: number;
  readonly interruptGrace?: number;
  readonly maxQueue?: number;
}

/** How many deeds were done in all models, for those who count. */
export let deedsDone = 0;

/** Does deeds to a pool one after another; each number of `choices` decides one. Throws where an invariant is broken. */
export async function runModel(options: ModelOptions, choices: readonly number[]): Promise<void> {
  using clock = new VirtualClock().install();
  const model = new Model(options, clock);
  try {
    for (const choice of choices) {
      model.act(choice);
      await clock.settle();
      model.check();
      deedsDone++;
    }
    await model.end();
  } catch (cause) {
    throw new Error(`${(cause as Error).message}\nafter:\n${model.story}`, { cause });
  }
}

class Model {
  readonly #clock: VirtualClock;
  /** Whether the host can tell what a dead worker had begun. */
  readonly #isExact: boolean;
  readonly #pool: PoolExecutor;
  readonly #workers: ModelWorker[] = [];
  readonly #calls: Call[] = [];
  readonly #tasks = new Map<Kind, Task<[number], unknown>>();
  readonly #held: Held[] = [];
  readonly #log: string[] = [];
  #mostWorkers: number;
  #isClosed = false;
  #isShutDown = false;
  #nextFault: "none" | "throws" | "stillborn" = "none";
  #faultsLeft = 8;
  #rest = 0;

  constructor(options: ModelOptions, clock: VirtualClock) {
    const { sharesMemory, keepsWord, abandons, isObserved, ...poolOptions } = options;
    this.#clock = clock;
    this.#isExact = sharesMemory || keepsWord;
    this.#mostWorkers = options.maxWorkers;
    const spawn: Spawn = (handlers, identity) => {
      const fault = this.#nextFault;
      this.#nextFault = "none";
      if (fault === "throws") throw new Error("spawn EAGAIN");
      const stillborn = fault === "stillborn";
      const worker = new ModelWorker(handlers, identity, clock, {
        sharesMemory,
        keepsWord,
        abandons,
        stillborn,
        died: () => this.#loseAll(),
      });
      this.#workers.push(worker);
      return worker;
    };
    this.#pool = new PoolExecutor(
      spawn,
      {
        ...poolOptions,
        name: "Model",
        onError: (error, about) => this.#onError(error, about.kind),
      },
      { byReference: true },
    );
    if (isObserved) this.#observe();
  }

  /** What was done last, and what it came to. */
  get story(): string {
    return this.#log.slice(-40).join("\n");
  }

  /** Does the deed that a number stands for. */
  act(choice: number): void {
    this.#rest = choice;
    const kind = this.#pick(100);
    if (kind < 22) this.#submit();
    else if (kind < 26) this.#cancel(false);
    else if (kind < 32) this.#cancel(true);
    else if (kind < 46) this.#letGo();
    else if (kind < 62)
      this.#deliver(
        (worker) => worker.hasForHost,
        (worker) => worker.deliverToHost(),
      );
    else if (kind < 78)
      this.#deliver(
        (worker) => worker.hasForWorker,
        (worker) => worker.deliverToWorker(),
      );
    else if (kind < 88) this.#clock.advance();
    else if (kind < 91) this.#kill();
    else if (kind < 93) this.#exit();
    else if (kind < 95) this.#resize();
    else if (kind < 96) this.#terminateWorker();
    else if (kind < 98) this.#spoilStart();
    else if (kind < 99) this.#map();
    else if (this.#pick(6) === 0) this.#shutDown();
  }

  /** Looks whether everything holds. */
  check(): void {
    const { queued, running, finished, failed, cancelled, workers, busy } = this.#pool.stats();
    assert.ok(queued >= 0 && running >= 0);
    assert.ok(busy <= workers);
    assert.ok(workers <= this.#mostWorkers, `${workers} of ${this.#mostWorkers} workers`);
    const settled = this.#calls.filter(({ future }) => future.done()).length;
    assert.equal(queued + running + finished + failed + cancelled >= this.#calls.length, true);
    assert.ok(finished + failed + cancelled >= settled);
    for (const call of this.#calls) this.#checkCall(call);
    if (workers <= this.#pool.maxWorkers) this.#mostWorkers = this.#pool.maxWorkers;
  }

  /** Lets all that waits happen, without further faults, and looks whether everything has settled. */
  async end(): Promise<void> {
    this.#nextFault = "none";
    const closing = this.#pool.shutdown({ wait: true }).then(() => {
      this.#isClosed = true;
    });
    for (let round = 0; !this.#isClosed; round++) {
      assert.ok(round < 3000, `hangs: ${JSON.stringify(this.#pool.stats())}`);
      this.#letEverythingGo();
      for (const worker of this.#workers) {
        worker.deliverToWorker();
        await this.#clock.settle();
        worker.deliverToHost();
        await this.#clock.settle();
      }
      if (!this.#workers.some((worker) => worker.hasForHost || worker.hasForWorker))
        this.#clock.advance();
      await this.#clock.settle();
      this.check();
    }
    await closing;
    const { queued, running, workers, busy } = this.#pool.stats();
    assert.deepEqual(
      { queued, running, workers, busy },
      { queued: 0, running: 0, workers: 0, busy: 0 },
    );
    for (const call of this.#calls) {
      assert.ok(call.future.done(), `call ${call.id} never settled`);
      assert.equal(call.callbacks, 1, `callbacks of call ${call.id}`);
    }
    assert.ok(
      this.#workers.every((worker) => worker.isGone),
      "a worker outlives its pool",
    );
  }

  #submit(): void {
    const id = this.#calls.length;
    const kind = KINDS[this.#pick(KINDS.length)] as Kind;
    const retries = this.#pick(4) === 0 ? 1 + this.#pick(2) : 0;
    const delay = this.#pick(2) === 0 ? 0 : 5;
    const timeout = this.#pick(6) === 0 ? 10 : undefined;
    const priority = this.#pick(8) === 0 ? 1 : 0;
    this.#tell(`submit ${id} ${kind}, ${retries} retries after ${delay}, timeout ${timeout}`);
    const options = {
      priority,
      ...(timeout === undefined ? {} : { timeout }),
      ...(retries === 0 ? {} : { retries: delay === 0 ? retries : { limit: retries, delay } }),
    };
    let future: Future<unknown>;
    try {
      future = this.#pool.submit(this.#taskOf(kind).with(options), id);
    } catch (error) {
      this.#expectRefusal(error);
      return;
    }
    assert.equal(this.#isShutDown, false, "accepted after shutdown");
    const call: Call = {
      id,
      kind,
      retries,
      future,
      runs: 0,
      losses: 0,
      callbacks: 0,
      state: "pending",
      isCancelledWaiting: false,
    };
    this.#calls.push(call);
    future.addDoneCallback(() => {
      call.callbacks++;
    });
  }

  /** One task for each kind: what is learnt of it decides how many are sent ahead. */
  #taskOf(kind: Kind): Task<[number], unknown> {
    const known = this.#tasks.get(kind) ?? this.#makeTask(kind);
    this.#tasks.set(kind, known);
    return known;
  }

  /** The function behind a kind of task; named, so that it can have options. */
  #makeTask(kind: Kind): Task<[number], unknown> {
    const begin = (id: number) => this.#begin(id);
    const hold = (id: number) => this.#hold(id);
    switch (kind) {
      case "short":
        return task(import.meta.url, function short(id: number) {
          begin(id);
          return valueFor(id);
        });
      case "moody":
        // One task, short as a rule: several are sent ahead, and now and then one of them holds the others up.
        return task(import.meta.url, function moody(id: number): unknown {
          begin(id);
          return id % 7 === 3 ? hold(id) : valueFor(id);
        });
      case "throws":
        return task(import.meta.url, function throws(id: number): unknown {
          begin(id);
          throw new RangeError(`call ${id}`);
        });
      case "held":
        return task(import.meta.url, function held(id: number): unknown {
          begin(id);
          return hold(id);
        });
      case "polite":
        return task(import.meta.url, function polite(id: number): unknown {
          begin(id);
          const { signal } = taskContext();
          const held = hold(id);
          return new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
            held.then(resolve, reject);
          });
        });
      default:
        return kind satisfies never;
    }
  }

  #begin(id: number): void {
    const call = this.#calls[id];
    if (call === undefined) return;
    assert.equal(this.#isClosed, false, `call ${id} begins after the shutdown is over`);
    assert.equal(call.isCancelledWaiting, false, `call ${id} begins although it was cancelled`);
    call.runs++;
    assert.ok(call.runs <= 1 + call.retries, `call ${id} begins for the ${call.runs}th time`);
    assert.ok(call.runs <= 1 + call.losses, `call ${id} begins again without a loss`);
    this.#tell(`  begins ${id}`);
  }

  #hold(id: number): Promise<unknown> {
    const worker = this.#clock.owner as ModelWorker;
    return new Promise((resolve, reject) => {
      this.#held.push({ id, worker, resolve, reject });
    });
  }

  #cancel(interrupt: boolean): void {
    const call = this.#calls[this.#pick(this.#calls.length || 1)];
    if (call === undefined) return;
    const before = call.future.state;
    const answer = call.future.cancel({ interrupt });
    this.#tell(`cancel ${call.id} (${before}, interrupt ${interrupt}): ${answer}`);
    assert.equal(answer, call.future.cancelled(), "what cancel() says is so");
    // One that runs may turn out to have finished already, its outcome not yet looked at.
    if (before === "pending") assert.equal(answer, true);
    if (before === "running" && !answer && interrupt) assert.equal(call.future.state, "finished");
    if (answer && before === "pending") call.isCancelledWaiting = true;
  }

  #letGo(): void {
    const [held] = this.#held.splice(this.#pick(this.#held.length || 1), 1);
    if (held === undefined) return;
    const fails = this.#pick(5) === 0;
    this.#tell(`let ${held.id} ${fails ? "fail" : "finish"}`);
    held.worker.run(() => {
      if (fails) held.reject(new RangeError(`call ${held.id}`));
      else held.resolve(valueFor(held.id));
    });
  }

  #letEverythingGo(): void {
    for (const held of this.#held.splice(0)) held.worker.run(() => held.resolve(valueFor(held.id)));
  }

  #deliver(has: (worker: ModelWorker) => boolean, deliver: (worker: ModelWorker) => void): void {
    const able = this.#workers.filter(has);
    const worker = able[this.#pick(able.length || 1)];
    if (worker === undefined) return;
    this.#tell(`deliver of ${worker.identity.id}`);
    deliver(worker);
  }

  #kill(): void {
    const worker = this.#pickAlive();
    if (worker === undefined || this.#faultsLeft-- <= 0) return;
    const unsent = this.#pick(3);
    this.#tell(`kill ${worker.identity.id}, ${unsent} unsent`);
    worker.die(unsent, { signal: "SIGKILL" });
  }

  #exit(): void {
    const worker = this.#pickAlive();
    if (worker === undefined || this.#faultsLeft-- <= 0) return;
    this.#tell(`exit of ${worker.identity.id}`);
    worker.exit(3);
  }

  #resize(): void {
    const maxWorkers = 1 + this.#pick(4);
    this.#tell(`resize to ${maxWorkers}`);
    try {
      this.#pool.resize(maxWorkers);
      this.#mostWorkers = Math.max(this.#mostWorkers, maxWorkers);
    } catch (error) {
      this.#expectRefusal(error);
    }
  }

  #terminateWorker(): void {
    const worker = this.#pickAlive();
    if (worker === undefined) return;
    this.#tell(`terminate ${worker.identity.id}`);
    this.#pool.terminateWorker(worker.identity.id);
  }

  #spoilStart(): void {
    if (this.#faultsLeft-- <= 0) return;
    this.#nextFault = this.#pick(2) === 0 ? "throws" : "stillborn";
    this.#tell(`next start: ${this.#nextFault}`);
  }

  #map(): void {
    const count = 1 + this.#pick(6);
    const chunkSize = this.#pick(2) === 0 ? ("auto" as const) : 2;
    this.#tell(`map ${count} by ${chunkSize}`);
    try {
      const items = Array.from({ length: count }, (_, n) => n);
      const results = this.#pool.map(double, items, { chunkSize });
      void this.#readMap(results, this.#pick(3) === 0 ? 1 : count);
    } catch (error) {
      this.#expectRefusal(error);
    }
  }

  async #readMap(results: ReturnType<Executor["map"]>, most: number): Promise<void> {
    for (let index = 0; index < most; index++) {
      try {
        const { done, value } = await results.next();
        if (done) return;
        assert.equal(value, 2 * index, "an element's value is its own");
      } catch (error) {
        assert.ok(isExpected(error), String(error));
      }
    }
    await results.return();
  }

  #shutDown(): void {
    const how = this.#pick(4);
    this.#tell(`shut down, way ${how}`);
    this.#isShutDown = true;
    const ends = [
      () => this.#pool.shutdown(),
      () => this.#pool.shutdown({ cancelFutures: true }),
      () => this.#pool.shutdown({ timeout: 20 }),
      () => this.#pool.terminateWorkers(),
    ];
    void ends[how]?.().then(() => {
      this.#isClosed = true;
    });
  }

  /** Any worker's end may have cost any call a run: how often exactly, its retries bound. */
  #loseAll(): void {
    for (const call of this.#calls) if (call.runs > call.losses) call.losses = call.runs;
  }

  #checkCall(call: Call): void {
    const { future, id } = call;
    const { state, value, error } = future.snapshot();
    const legal = LEGAL[call.state as keyof typeof LEGAL];
    assert.ok(legal.includes(state), `call ${id}: from ${call.state} to ${state}`);
    call.state = state;
    assert.equal(call.callbacks, future.done() ? 1 : 0, `callbacks of call ${id}`);
    if (state !== "finished") return;
    if (error === undefined) assert.equal(value, valueFor(id), `value of call ${id}`);
    else assert.ok(isExpected(error) || isOwn(error, id), `error of call ${id}: ${error}`);
    // Where nobody knows what a dead worker had begun, what it was sent counts as lost.
    const mayBeLost = this.#isExact
      ? call.losses > 0
      : this.#workers.some((worker) => !worker.isAlive);
    if (error instanceof WorkerLostError) assert.ok(mayBeLost, `call ${id} lost without a death`);
    if (error === undefined) assert.ok(call.runs > 0, `call ${id} has a value and never ran`);
  }

  #observe(): void {
    const seen = new Map<number, string>();
    this.#pool.observe((event) => {
      if (!("id" in event)) return;
      const last = seen.get(event.id);
      if (event.type === "submitted") assert.equal(last, undefined, "submitted twice");
      else assert.ok(last !== undefined && last !== "settled", `${event.type} after ${last}`);
      seen.set(event.id, event.type);
    });
  }

  #onError(error: unknown, kind: string): void {
    // An observer's assertion comes back here; what nobody looked at, and what failed to start, may too.
    if (kind === "observer") throw error;
  }

  #expectRefusal(error: unknown): void {
    const refusals = [ShutdownError, BrokenExecutorError, QueueFullError];
    assert.ok(
      refusals.some((refusal) => error instanceof refusal),
      String(error),
    );
  }

  #pickAlive(): ModelWorker | undefined {
    const alive = this.#workers.filter((worker) => worker.isAlive);
    return alive[this.#pick(alive.length || 1)];
  }

  /** Takes a number below `limit` out of the deed's choice. */
  #pick(limit: number): number {
    const picked = this.#rest % limit;
    this.#rest = Math.floor(this.#rest / limit);
    return picked;
  }

  #tell(what: string): void {
    this.#log.push(what);
  }
}

const LEGAL = {
  pending: ["pending", "running", "cancelled", "finished"],
  running: ["running", "cancelled", "finished"],
  cancelled: ["cancelled"],
  finished: ["finished"],
};

function valueFor(id: number): string {
  return `value ${id}`;
}

const double = task(import.meta.url, function double(n: number) {
  return 2 * n;
});

function isOwn(error: unknown, id: number): boolean {
  return error instanceof RangeError && error.message === `call ${id}`;
}

function isExpected(error: unknown): boolean {
  const expected = [WorkerLostError, BrokenExecutorError, CancelledError, TimeoutError];
  return expected.some((kind) => error instanceof kind);
}
