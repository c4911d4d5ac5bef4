// Model: a pool over model workers, random deeds done to it, and what must hold after each of them.
//
// The invariants are those of docs/architecture.md, as far as they can be seen from outside:
// - a call settles once, to its own value, and its callbacks run once;
// - no call is begun that was cancelled while it waited, and none after the shutdown is over;
// - a call is begun once, and once more for each loss that its retries allow;
// - never more calls run than there may be workers;
// - where there was never more than one worker at a time, no call is begun while one waits that was submitted before it
//   and is as urgent, or, from the end of its tick on, is more urgent (invariant 10);
// - the counts add up after each deed;
// - once every fault is over, everything settles, and no worker and no timer of the pool is left.
import assert from "node:assert/strict";
import { type Future, PoolExecutor, task, WorkerLostError } from "../../../mod.ts";
import type { Spawn } from "../../core/seam/channel.ts";
import { checkCall, expectRefusal, type ProgramCall, watchCall, watchEvents } from "./calls.ts";
import { type Deed, deedOf, doMap, doShutDown, optionsOf } from "./deeds.ts";
import { ModelTasks } from "./model_tasks.ts";
import { ModelWorker } from "./model_worker.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** One accepted call, as the model knows it. */
interface Call extends ProgramCall {
  readonly priority: number;
  /** How many deeds were done before it was submitted. */
  readonly deed: number;
  runs: number;
  losses: number;
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
  readonly #tasks: ModelTasks;
  readonly #log: string[] = [];
  #mostWorkers: number;
  /** How many deeds were done. */
  #deeds = 0;
  /** Whether there may have been two workers at a time. */
  #wasWider: boolean;
  #isClosed = false;
  #isShutDown = false;
  #nextFault: "none" | "throws" | "stillborn" = "none";
  #faultsLeft = 8;

  constructor(options: ModelOptions, clock: VirtualClock) {
    const { sharesMemory, keepsWord, abandons, isObserved, ...poolOptions } = options;
    this.#clock = clock;
    this.#tasks = new ModelTasks(
      clock,
      (id) => this.#begin(id),
      (what) => this.#tell(what),
    );
    this.#isExact = sharesMemory || keepsWord;
    this.#mostWorkers = options.maxWorkers;
    this.#wasWider = options.maxWorkers > 1;
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
    if (isObserved) watchEvents(this.#pool);
  }

  /** What was done last, and what it came to. */
  get story(): string {
    return this.#log.slice(-40).join("\n");
  }

  /** Does the deed that a number stands for. */
  act(choice: number): void {
    this.#deeds++;
    const deed = deedOf(choice);
    switch (deed.kind) {
      case "submit":
        for (let n = 0; n < deed.count; n++) this.#submit(deed);
        return;
      case "cancel":
        return this.#cancel(deed);
      case "letGo":
        return this.#tasks.letGo(deed.which);
      case "deliverToHost":
        return this.#deliver(
          deed.which,
          (worker) => worker.hasForHost,
          (worker) => worker.deliverToHost(),
        );
      case "deliverToWorker":
        return this.#deliver(
          deed.which,
          (worker) => worker.hasForWorker,
          (worker) => worker.deliverToWorker(),
        );
      case "passTime":
        return void this.#clock.advance();
      case "kill":
        return this.#kill(deed.which);
      case "exit":
        return this.#exit(deed.which);
      case "resize":
        return this.#resize(deed.maxWorkers);
      case "terminateWorker":
        return this.#terminateWorker(deed.which);
      case "spoilStart":
        return this.#spoilStart(deed.which);
      case "map":
        return this.#map(deed);
      case "shutDown":
        return this.#shutDown(deed);
      case "nothing":
        return;
      default:
        deed satisfies never;
    }
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
      await this.#tasks.letEverythingGo();
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

  #submit(deed: Deed & { kind: "submit" }): void {
    const { task: kind, retries, delay, timeout, priority } = deed;
    const id = this.#calls.length;
    this.#tell(`submit ${id} ${kind}, ${retries} retries after ${delay}, timeout ${timeout}`);
    let future: Future<unknown>;
    try {
      future = this.#pool.submit(this.#tasks.of(kind).with(optionsOf(deed)), id);
    } catch (error) {
      expectRefusal(error);
      return;
    }
    assert.equal(this.#isShutDown, false, "accepted after shutdown");
    const call = { priority, deed: this.#deeds, runs: 0, losses: 0 };
    this.#calls.push(Object.assign(watchCall(id, retries, future), call));
  }

  #begin(id: number): void {
    const call = this.#calls[id];
    if (call === undefined) return;
    assert.equal(this.#isClosed, false, `call ${id} begins after the shutdown is over`);
    assert.equal(call.isCancelledWaiting, false, `call ${id} begins although it was cancelled`);
    if (call.runs === 0 && !this.#wasWider) this.#checkOrder(call);
    call.runs++;
    assert.ok(call.runs <= 1 + call.retries, `call ${id} begins for the ${call.runs}th time`);
    assert.ok(call.runs <= 1 + call.losses, `call ${id} begins again without a loss`);
    this.#tell(`  begins ${id}`);
  }

  /** Looks whether nothing is passed over. What was lost before it ran may be pausing. */
  #checkOrder({ id, priority, deed }: Call): void {
    for (const other of this.#calls) {
      const comesFirst =
        other.priority === priority
          ? other.id < id
          : other.priority > priority && other.deed < this.#deeds && other.deed <= deed;
      if (!comesFirst || other.runs > 0 || other.future.done()) continue;
      if (this.#isExact || other.retries === 0)
        assert.fail(`call ${id} begins before call ${other.id}, which is first`);
    }
  }

  #cancel({ interrupt, which }: Deed & { kind: "cancel" }): void {
    const call = pickFrom(this.#calls, which);
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

  #deliver(
    which: number,
    has: (worker: ModelWorker) => boolean,
    deliver: (worker: ModelWorker) => void,
  ): void {
    const worker = pickFrom(this.#workers.filter(has), which);
    if (worker === undefined) return;
    this.#tell(`deliver of ${worker.identity.id}`);
    deliver(worker);
  }

  #kill(which: number): void {
    const alive = this.#alive;
    const worker = pickFrom(alive, which);
    if (worker === undefined || this.#faultsLeft-- <= 0) return;
    const unsent = Math.floor(which / alive.length) % 3;
    this.#tell(`kill ${worker.identity.id}, ${unsent} unsent`);
    worker.die(unsent, { signal: "SIGKILL" });
  }

  #exit(which: number): void {
    const worker = pickFrom(this.#alive, which);
    if (worker === undefined || this.#faultsLeft-- <= 0) return;
    this.#tell(`exit of ${worker.identity.id}`);
    worker.exit(3);
  }

  #resize(maxWorkers: number): void {
    this.#tell(`resize to ${maxWorkers}`);
    try {
      this.#pool.resize(maxWorkers);
      this.#wasWider ||= maxWorkers > 1;
      this.#mostWorkers = Math.max(this.#mostWorkers, maxWorkers);
    } catch (error) {
      expectRefusal(error);
    }
  }

  #terminateWorker(which: number): void {
    const worker = pickFrom(this.#alive, which);
    if (worker === undefined) return;
    this.#tell(`terminate ${worker.identity.id}`);
    this.#pool.terminateWorker(worker.identity.id);
  }

  #spoilStart(which: number): void {
    if (this.#faultsLeft-- <= 0) return;
    this.#nextFault = which % 2 === 0 ? "throws" : "stillborn";
    this.#tell(`next start: ${this.#nextFault}`);
  }

  #map(deed: Deed & { kind: "map" }): void {
    this.#tell(`map ${deed.count} by ${deed.chunkSize}`);
    void doMap(this.#pool, double, deed);
  }

  #shutDown(deed: Deed & { kind: "shutDown" }): void {
    this.#tell(`shut down, ${deed.how}`);
    this.#isShutDown = true;
    void doShutDown(this.#pool, deed).then(() => {
      this.#isClosed = true;
    });
  }

  /** Any worker's end may have cost any call a run: how often exactly, its retries bound. */
  #loseAll(): void {
    for (const call of this.#calls) if (call.runs > call.losses) call.losses = call.runs;
  }

  #checkCall(call: Call): void {
    const { id } = call;
    const error = checkCall(call);
    if (call.state !== "finished") return;
    // Where nobody knows what a dead worker had begun, what it was sent counts as lost.
    const mayBeLost = this.#isExact
      ? call.losses > 0
      : this.#workers.some((worker) => !worker.isAlive);
    if (error instanceof WorkerLostError) assert.ok(mayBeLost, `call ${id} lost without a death`);
    if (error === undefined) assert.ok(call.runs > 0, `call ${id} has a value and never ran`);
  }

  #onError(error: unknown, kind: string): void {
    // An observer's assertion comes back here; what nobody looked at, and what failed to start, may too.
    if (kind === "observer") throw error;
  }

  get #alive(): ModelWorker[] {
    return this.#workers.filter((worker) => worker.isAlive);
  }

  #tell(what: string): void {
    this.#log.push(what);
  }
}

const double = task(import.meta.url, function double(n: number) {
  return 2 * n;
});

function pickFrom<T>(items: readonly T[], which: number): T | undefined {
  return items[which % (items.length || 1)];
}
