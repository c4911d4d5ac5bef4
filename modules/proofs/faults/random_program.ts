// RandomProgram: the deeds of the model (../model/deeds.ts), done to a pool of real workers.
//
// What can be seen from outside must hold, whatever the workers do: each call settles once, to its own value or error, and
// its callbacks run once (../model/calls.ts); none runs that was cancelled while it waited; none runs more often than its
// retries allow; each loss has a death; and never are there more workers than there may be.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { setImmediate } from "node:timers";
import { delay } from "deno-std/async/delay.js";
import {
  BrokenExecutorError,
  CancelledError,
  type Future,
  PoolExecutor,
  WorkerLostError,
} from "../../../mod.ts";
import { CaseLog } from "../../testing/gate.ts";
import { CHOICES, seeded } from "../../testing/seeded.ts";
import { pidsOf } from "../fixtures/chaos.ts";
import {
  checkCall,
  expectRefusal,
  type ProgramCall,
  watchCall,
  watchEvents,
} from "../model/calls.ts";
import { type Deed, deedOf, doMap, doShutDown, optionsOf } from "../model/deeds.ts";
import { chaos } from "../tasks.ts";
import type { FaultScene } from "./fault_scene.ts";

/** Only towards its end may a program shut its pool down, so that most of it is done to an open one. */
const OPEN_FOR = 0.9;
/** How many deeds apart, at most, workers are taken away: a new one takes its time to start. */
const MOST_APART = 600;
/** So many calls are under way at once. */
const UNDER_WAY = 150;
/** All calls are looked at after so many deeds. */
const LOOK_EVERY = 500;
/** What fails to start counts as a fault of the pool's platform, of which five in a row break it. */
const MOST_SPOILT = 3;

/** What came of a program, or of several. */
export interface ProgramToll {
  calls: number;
  deaths: number;
  values: number;
  failures: number;
  lost: number;
  cancelled: number;
  broken: number;
}

/** The toll of a program that has done nothing. */
export function noToll(): ProgramToll {
  return { calls: 0, deaths: 0, values: 0, failures: 0, lost: 0, cancelled: 0, broken: 0 };
}

/** One program: a seed decides all that it does. */
export class RandomProgram {
  readonly toll: ProgramToll = noToll();
  readonly #scene: FaultScene;
  readonly #random: () => number;
  readonly #pool: PoolExecutor;
  /** Which calls ran: a line for each run. */
  readonly #runs: CaseLog;
  /** Which process each worker is. */
  readonly #pids: CaseLog;
  readonly #spoil: string;
  readonly #calls: ProgramCall[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #maps: Promise<void>[] = [];
  #mostWorkers: number;
  #closing: Promise<void> | undefined = undefined;
  #spoilt = 0;
  #nextLoss = 0;
  readonly #length: number;
  #deeds = 0;
  #observed: unknown = undefined;

  /** @param length how many deeds it has. */
  constructor(scene: FaultScene, seed: number, length: number) {
    this.#scene = scene;
    this.#length = length;
    this.#random = seeded(seed);
    this.#runs = scene.log();
    this.#pids = new CaseLog(pidsOf(this.#runs.path));
    this.#spoil = `${this.#runs.path}-spoil`;
    const pick = (limit: number) => Math.floor(this.#random() * limit);
    this.#mostWorkers = 1 + pick(4);
    const pool = scene.create({
      maxWorkers: this.#mostWorkers,
      interruptGrace: pick(2) * 30,
      ...(pick(3) > 0 ? {} : { maxTasksPerWorker: 200 + pick(800) }),
      ...(pick(3) > 0 ? {} : { maxQueue: pick(100) }),
      initializer: chaos.dieIfSpoilt,
      initializerArgs: [this.#spoil],
      onError: (error, { kind }) => {
        // An observer's assertion comes back here.
        if (kind === "observer") this.#observed ??= error;
      },
    });
    assert.ok(pool instanceof PoolExecutor);
    this.#pool = pool;
    if (pick(2) === 0) watchEvents(this.#pool);
  }

  /** Does all of it, and looks whether everything holds. */
  async run(): Promise<void> {
    const pool = this.#pool;
    for (; this.#deeds < this.#length && this.#closing === undefined; this.#deeds++) {
      await this.#act(deedOf(Math.floor(this.#random() * CHOICES)));
      const { workers, busy, queued, running } = pool.stats();
      assert.ok(workers <= this.#mostWorkers, `${workers} of ${this.#mostWorkers} workers`);
      assert.ok(busy <= workers && queued >= 0 && running >= 0);
      if (workers <= pool.maxWorkers) this.#mostWorkers = pool.maxWorkers;
      if (this.#deeds % LOOK_EVERY === 0) for (const call of this.#calls) checkCall(call);
      while (this.#underWay.size >= UNDER_WAY) await Promise.race(this.#underWay);
    }
    await (this.#closing ?? pool.shutdown());
    await Promise.all(this.#maps);
    const { queued, running, busy, workers } = pool.stats();
    const left = { queued, running, busy, workers };
    assert.deepEqual(left, { queued: 0, running: 0, busy: 0, workers: 0 });
    assert.equal(this.#observed, undefined);
    this.#count();
  }

  async #act(deed: Deed): Promise<void> {
    switch (deed.kind) {
      case "submit":
        for (let n = 0; n < deed.count; n++) this.#submit(deed);
        return;
      case "cancel":
        return this.#cancel(deed);
      // What the model decides by these, time decides here.
      case "letGo":
        return;
      case "deliverToHost":
      case "deliverToWorker":
        return await new Promise((resolve) => setImmediate(resolve));
      case "passTime":
        if (this.#random() < 0.1) await delay(1);
        return;
      case "kill":
        if (this.#mayLose()) this.#kill(deed.which);
        return;
      case "exit":
        if (this.#mayLose() && this.#call(chaos.exits, 0)) this.toll.deaths++;
        return;
      case "terminateWorker":
        if (this.#mayLose()) this.#terminateWorker(deed.which);
        return;
      case "resize":
        if (this.#mayLose()) this.#resize(deed.maxWorkers);
        return;
      case "spoilStart":
        if (this.#spoilt < MOST_SPOILT && this.#mayLose()) {
          this.#spoilt++;
          writeFileSync(this.#spoil, "");
        }
        return;
      case "map":
        this.#maps.push(doMap(this.#pool, chaos.double, deed));
        return;
      case "shutDown":
        if (this.#deeds >= OPEN_FOR * this.#length) this.#closing = doShutDown(this.#pool, deed);
        return;
      case "nothing":
        return;
      default:
        deed satisfies never;
    }
  }

  /** Whether it is time again that a worker is taken away. */
  #mayLose(): boolean {
    if (this.#deeds < this.#nextLoss) return false;
    this.#nextLoss = this.#deeds + Math.floor(this.#random() * MOST_APART);
    return true;
  }

  #submit(deed: Deed & { kind: "submit" }): void {
    const task = chaos[deed.task].with(optionsOf(deed));
    this.#call(task as typeof chaos.short, deed.retries);
  }

  /** Makes a call; false if it was refused. */
  #call(task: typeof chaos.short | typeof chaos.exits, retries: number): boolean {
    const id = this.#calls.length;
    let future: Future<unknown>;
    try {
      future = this.#pool.submit(task as typeof chaos.short, this.#runs.path, id);
    } catch (error) {
      expectRefusal(error);
      return false;
    }
    assert.equal(this.#closing, undefined, "accepted after shutdown");
    this.#calls.push(watchCall(id, retries, future));
    const over: Promise<unknown> = future.exception().catch(() => {});
    this.#underWay.add(over);
    void over.then(() => this.#underWay.delete(over));
    return true;
  }

  #cancel({ interrupt, which }: Deed & { kind: "cancel" }): void {
    // One of the last: the others are done.
    const call = this.#calls.at(-1 - (which % UNDER_WAY));
    if (call === undefined) return;
    const before = call.future.state;
    const answer = call.future.cancel({ interrupt });
    assert.equal(answer, call.future.cancelled(), "what cancel() says is so");
    if (before === "pending" && interrupt) assert.ok(answer || call.future.done());
    if (before === "pending" && answer && !interrupt) call.isCancelledWaiting = true;
  }

  /** From outside where there is a process to kill; a thread dies by what it was told a moment ago. */
  #kill(which: number): void {
    if (!this.#scene.subject.traits.processes) {
      if (this.#call(chaos.diesLater, 0)) this.toll.deaths++;
      return;
    }
    // Only those that the pool still has: the number of one that is gone may be somebody else's by now.
    const pids = new Map(
      this.#pids.lines().map((line) => line.split(" ").map(Number) as [number, number]),
    );
    const alive = this.#pool.workers().flatMap(({ id }) => pids.get(id) ?? []);
    const pid = alive[which % (alive.length || 1)];
    if (pid === undefined) return;
    try {
      process.kill(pid, "SIGKILL");
      this.toll.deaths++;
    } catch {
      // It has just ended by itself.
    }
  }

  #terminateWorker(which: number): void {
    const workers = this.#pool.workers();
    const worker = workers[which % (workers.length || 1)];
    if (worker !== undefined && this.#pool.terminateWorker(worker.id)) this.toll.deaths++;
  }

  #resize(maxWorkers: number): void {
    this.#pool.resize(maxWorkers);
    this.#mostWorkers = Math.max(this.#mostWorkers, maxWorkers);
  }

  /** Everything is over: holds what each call came to against how often it ran. */
  #count(): void {
    const { toll } = this;
    const runs = new Map<number, number>();
    for (const line of this.#runs.lines())
      runs.set(Number(line), (runs.get(Number(line)) ?? 0) + 1);
    let lostUnseen = 0;
    for (const call of this.#calls) {
      const { id, retries, future } = call;
      const error = checkCall(call);
      assert.ok(future.done(), `call ${id} never settled`);
      const ran = runs.get(id) ?? 0;
      assert.ok(ran <= 1 + retries, `call ${id} ran ${ran} times, with ${retries} retries`);
      if (call.isCancelledWaiting) assert.equal(ran, 0, `call ${id} ran, but was cancelled`);
      toll.calls++;
      if (future.cancelled() || error instanceof CancelledError) toll.cancelled++;
      else if (error instanceof WorkerLostError) {
        toll.lost++;
        if (ran === 0) lostUnseen++;
      } else if (error instanceof BrokenExecutorError) toll.broken++;
      else {
        assert.ok(ran > 0 || error !== undefined, `call ${id} has a value and never ran`);
        if (error === undefined) toll.values++;
        else toll.failures++;
      }
    }
    // A timeout or an interrupt may end a worker as well, but that costs nobody else.
    if (this.#scene.subject.traits.showsOutcomes !== false)
      assert.ok(toll.lost <= toll.deaths, `${toll.lost} lost by ${toll.deaths} deaths`);
    // It may die between the claim and its first line.
    assert.ok(
      lostUnseen <= toll.deaths,
      `${lostUnseen} lost that never ran, ${toll.deaths} deaths`,
    );
  }
}
