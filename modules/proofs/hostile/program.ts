// runHostile: does the steps of a program to a pool and holds everything against what must be, whatever the values are.
//
// Each call settles once, and its callbacks run once; an ordinary call has its own value, never another's; a hostile one has
// what the platform's own clone would have made of it, or fails for what it is; what is refused does not begin; a worker
// begins calls in the order in which they were submitted; no worker is lost; the pool ends.

import assert from "node:assert/strict";
import { delay } from "deno-std/async/delay.js";
import { CancelledError, type Executor, type Future, type PoolOptions } from "../../../mod.ts";
import type { SubjectTraits } from "../../testing/subject.ts";
import { hostile } from "../tasks.ts";
import { touch } from "./kind.ts";
import { fateOfMove, makeMove } from "./lists.ts";
import { portrait } from "./portrait.ts";
import { acceptable, fateOf, makeValue, mayRefuse } from "./recipe.ts";
import { SOURCES, type Source } from "./sources.ts";
import type { Step } from "./steps.ts";
import { THENABLES } from "./thenables.ts";

/** So many calls are under way at once. */
const UNDER_WAY = 60;
/** If nothing settles for so long, in milliseconds, nothing ever will: a busy machine takes long to start a worker. */
const STILL_MS = 60_000;
/** A worker that does not hear of an abort is not ended in time to be overlooked. */
const GRACE_MS = 600_000;

/** How a program is run. */
export interface HostileRun {
  /** Makes the executor. */
  readonly create: (options: PoolOptions) => Executor;
  readonly traits: SubjectTraits;
  readonly maxWorkers: number;
  /** Whether somebody watches the pool's events. */
  readonly isObserved: boolean;
  /** After so long without anything settling it hangs, in milliseconds. */
  readonly stillMs?: number;
}

/** What came of a program that held. */
export interface HostileToll {
  calls: number;
  values: number;
  failures: number;
  cancelled: number;
}

/** What came of one call. */
type Outcome = readonly [what: "value" | "error", of: unknown];
/** Holds an outcome against what must be. */
type Check = (outcome: Outcome) => void | Promise<void>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly future: Future<unknown>;
  callbacks: number;
  isOver: boolean;
}

let programs = 0;

/** Runs a program; rejects with what did not hold. */
export async function runHostile(steps: readonly Step[], run: HostileRun): Promise<HostileToll> {
  const program = new HostileProgram(run);
  try {
    await program.run(steps);
  } finally {
    await program.end();
  }
  return program.toll;
}

class HostileProgram {
  readonly toll: HostileToll = { calls: 0, values: 0, failures: 0, cancelled: 0 };
  readonly #run: HostileRun;
  readonly #pool: Executor;
  readonly #name: string;
  readonly #calls = new Map<number, Call>();
  #underWay = 0;
  #wake: () => void = () => {};
  /** Ordinary calls, of which some are taken back. */
  #waiting: Call[] = [];
  /** Those that must not begin. */
  readonly #barred = new Set<number>();
  /** In which order calls have begun, where one worker makes them all. */
  readonly #begun: number[] = [];
  #failure: { readonly error: unknown } | undefined = undefined;
  #settled = 0;
  #ids = 0;
  #exits = 0;
  readonly #reports: string[] = [];
  /** So many reports of progress may have something in them that has to be told otherwise. */
  #mayTell = 0;

  constructor(run: HostileRun) {
    this.#run = run;
    this.#name = `p${programs++}`;
    this.#pool = run.create({
      maxWorkers: run.maxWorkers,
      interruptGrace: GRACE_MS,
      onError: (error, { kind }) => {
        if (kind !== "unobserved") this.#reports.push(`${kind}: ${tell(error)}`);
      },
    });
    if (!run.isObserved) return;
    this.#pool.observe((event) => {
      if (event.type === "worker-exited") this.#exits++;
    });
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#act(step);
      if (step.deed === "rest") await this.#drain(0);
      await this.#drain(UNDER_WAY);
    }
    this.#plain();
    await this.#drain(0);
    // A call that was interrupted is over before its worker is done with it.
    await this.#inTime(this.#idle(), "a worker");
    const { lost, queued, running } = this.#pool.stats();
    assert.deepEqual({ lost, queued, running }, { lost: 0, queued: 0, running: 0 });
    assert.equal(this.#exits, 0, "workers that ended");
    assert.ok(this.#reports.length <= this.#mayTell, `reported: ${this.#reports.join("; ")}`);
    this.#checkOrder();
    await this.#inTime(this.#pool.shutdown(), "shutdown");
    const { workers } = this.#pool.stats();
    assert.equal(workers, 0, "workers left after shutdown");
    for (const { callbacks, name } of this.#calls.values())
      assert.equal(callbacks, 1, `callbacks of ${name}`);
  }

  async #idle(): Promise<void> {
    while (this.#pool.stats().busy > 0 && this.#failure === undefined) await sleep(1);
  }

  async end(): Promise<void> {
    touch.by = undefined;
    await Promise.race([this.#pool.terminateWorkers(), sleep(this.#stillMs)]);
  }

  get #stillMs(): number {
    return this.#run.stillMs ?? STILL_MS;
  }

  #act(step: Step): void {
    switch (step.deed) {
      case "rest":
        return;
      case "plain":
        return this.#plain();
      case "echo":
        return this.#echo();
      case "takeBack":
        return this.#takeBack(step.which);
      case "map":
      case "starmap":
        this.#track(this.#map(step));
        return;
      case "transfer":
        return this.#transfer(step.recipe);
      case "moveBack":
        return this.#moveBack(step.recipe);
      case "cancel":
      case "signal":
        this.#track(this.#interrupt(step.deed, step.recipe));
        return;
      case "receive":
        return this.#receive(step.recipe);
      case "produce":
      case "produceLater":
        return this.#produce(step.deed, step.recipe);
      case "raise":
      case "raiseWith":
        return this.#raise(step.deed, step.recipe);
      case "resolve":
        return this.#resolve(step.name);
      case "iterate":
        this.#track(this.#iterate(step.name));
        return;
      case "report":
        return this.#report(step.recipe);
      default:
        step satisfies never;
    }
  }

  /** An ordinary call. */
  #plain(): void {
    const id = this.#ids++;
    const future = this.#pool.submit(hostile.plain, this.#name, id);
    const call = this.#watch(id, `plain ${id}`, future, ([what, of]) => {
      if (future.cancelled()) {
        this.#barred.add(id);
        return;
      }
      assert.equal(what, "value", `plain call ${id} failed: ${tell(of)}`);
      const [own, begun] = String(of).split("|");
      assert.equal(own, String(id), `the value of plain call ${id}`);
      this.#begun.push(...(begun ?? "").split(" ").map(Number));
    });
    this.#waiting.push(call);
    if (this.#waiting.length > UNDER_WAY) this.#waiting = this.#waiting.slice(-20);
  }

  /** An ordinary call with bytes. */
  #echo(): void {
    const id = this.#ids++;
    const bytes = Uint8Array.of(id, id >> 8, id >> 16);
    const future = this.#pool.submit(hostile.echo, this.#name, id, bytes);
    this.#watch(id, `echo ${id}`, future, ([what, of]) => {
      assert.equal(what, "value", `echo call ${id} failed: ${tell(of)}`);
      assert.deepEqual(of, Uint8Array.of(id, id >> 8, id >> 16), `the value of echo call ${id}`);
    });
  }

  #takeBack(which: number): void {
    const call = this.#waiting.at(-1 - which);
    if (call === undefined || call.isOver) return;
    if (call.future.cancel()) assert.ok(call.future.cancelled());
  }

  #receive(recipe: string): void {
    const id = this.#ids++;
    const value = makeValue(recipe);
    touch.by = () => this.#touched();
    const future = this.#pool.submit(hostile.receive, this.#name, id, value);
    this.#watch(id, `receive ${id} of ${recipe}`, future, async ([what, of]) => {
      if (what === "value") return await this.#mustAccept(recipe, of as string);
      this.#mustRefuse(recipe, of);
      this.#barred.add(id);
    });
  }

  #produce(deed: "produce" | "produceLater", recipe: string): void {
    const id = this.#ids++;
    // Alone it would be awaited, and something else arrive.
    if (deed === "produce" && /^promise:\d+$/.test(recipe)) return;
    const future: Future<unknown> = this.#pool.submit(
      hostile[deed] as typeof hostile.produce,
      this.#name,
      id,
      recipe,
    );
    this.#watch(id, `${deed} ${id} of ${recipe}`, future, async ([what, of]) => {
      if (what === "error") return this.#mustRefuse(recipe, of, deed === "produce");
      const value = deed === "produce" ? of : (of as [number, unknown])[1];
      if (deed === "produceLater") assert.equal((of as [number, unknown])[0], id, "its own number");
      await this.#mustAccept(recipe, await portrait(value));
    });
  }

  /** A thenable as a result: what comes of it is what `await` makes of one here. */
  #resolve(name: string): void {
    const id = this.#ids++;
    const future: Future<unknown> = this.#pool.submit(hostile.resolve, this.#name, id, name);
    this.#watch(id, `resolve ${id} of ${name}`, future, async ([what, of]) => {
      let awaited: Outcome;
      try {
        awaited = ["value", await THENABLES[name]?.()];
        if (this.#clones) structuredClone(awaited[1]);
      } catch (error) {
        awaited = ["error", error];
      }
      assert.equal(what, awaited[0], tell(of));
      if (what === "value") assert.equal(await portrait(of), await portrait(awaited[1]));
    });
  }

  /** A map of a source that fails: all before comes, then its error at its place, and that is the end. */
  async #iterate(name: string): Promise<void> {
    const { make, count, fails } = SOURCES[name] as Source;
    const outcomes: string[] = [];
    try {
      const results = this.#pool.map(hostile.drawn, make());
      for (let at = 0; at <= count + 1; at++) {
        const { value, done } = await this.#inTime(results.next(), `iterate ${name}`);
        if (done === true) break;
        outcomes.push(String(value));
      }
    } catch {
      outcomes.push("failed");
    }
    const wanted = Array.from({ length: count }, (_, at) => String(at));
    if (fails) wanted.push("failed");
    assert.deepEqual(outcomes, wanted, `iterate ${name}`);
  }

  #raise(deed: "raise" | "raiseWith", recipe: string): void {
    const id = this.#ids++;
    const future = this.#pool.submit(hostile[deed], this.#name, id, recipe);
    this.#watch(id, `${deed} ${id} of ${recipe}`, future, async ([what, of]) => {
      assert.equal(what, "error", "what throws fails");
      if (deed === "raiseWith") {
        assert.ok(of instanceof TypeError, `its own error, not ${tell(of)}`);
        const { message, code } = of as TypeError & { code?: string };
        assert.deepEqual({ message, code }, { message: `call ${id}`, code: "E_HOSTILE" });
        return;
      }
      // A thrown value that would have crossed as one does so.
      if (fateOf(recipe) !== "whole") return;
      await this.#mustAccept(recipe, await portrait(of));
    });
  }

  #report(recipe: string): void {
    const id = this.#ids++;
    const future = this.#pool.submit(hostile.report, this.#name, id, recipe);
    if (mayRefuse(recipe, this.#run.traits.processes)) this.#mayTell++;
    const details: unknown[] = [];
    future.onProgress(({ detail }) => details.push(detail));
    this.#watch(id, `report ${id} of ${recipe}`, future, async ([what, of]) => {
      assert.equal(what, "value", `a report that fails costs no call: ${tell(of)}`);
      assert.ok(of === `${id} told` || of === `${id} refused`, `its own value, not ${tell(of)}`);
      if (of === `${id} refused`) {
        assert.ok(
          !this.#clones || mayRefuse(recipe, this.#run.traits.processes),
          "it could be told",
        );
        return;
      }
      for (const detail of details) {
        const drawn = await portrait(detail);
        if (!this.#isToldInWords(recipe, drawn)) await this.#mustAccept(recipe, drawn);
      }
    });
  }

  #transfer(recipe: string): void {
    const id = this.#ids++;
    const { value, list, buffers = [] } = makeMove(recipe);
    const fate = this.#fateOfMove(recipe);
    let future: Future<unknown>;
    try {
      const task = hostile.receive.with({ transfer: list as ArrayBuffer[] });
      future = this.#pool.submit(task, this.#name, id, value);
    } catch (error) {
      assert.ok(fate !== "moved", `transfer ${recipe} was refused: ${tell(error)}`);
      assert.ok(error instanceof TypeError, tell(error));
      return;
    }
    this.#watch(id, `transfer ${id} of ${recipe}`, future, async ([what, of]) => {
      if (what === "error") {
        assert.notEqual(fate, "moved", `a good list was refused: ${tell(of)}`);
        assertNamed(of);
        // Not where the platform itself takes first and refuses then.
        if (this.#run.traits.processes || isKeptByPlatform(recipe))
          for (const { byteLength } of buffers)
            assert.ok(byteLength > 0, "what was refused is still here");
        this.#barred.add(id);
        return;
      }
      assert.notEqual(fate, "refused", `it was taken, and gave ${tell(of)}`);
      if (fate !== "moved") return;
      const whole = makeMove(recipe);
      assert.equal(of, await portrait(whole.value));
      for (const { byteLength } of buffers) assert.equal(byteLength, 0, "what was moved is gone");
    });
  }

  #moveBack(recipe: string): void {
    const id = this.#ids++;
    const fate = this.#fateOfMove(recipe);
    const future: Future<unknown> = this.#pool.submit(hostile.moveBack, this.#name, id, recipe);
    this.#watch(id, `moveBack ${id} of ${recipe}`, future, async ([what, of]) => {
      // What is no object cannot be marked as one to be moved.
      const isMarked = typeof makeMove(recipe).value === "object";
      if (what === "error") {
        assert.ok(fate !== "moved" || !isMarked, `a good list was refused: ${tell(of)}`);
        assertNamed(of);
        return;
      }
      assert.ok(fate !== "refused", `it was taken, and gave ${tell(of)}`);
      if (fate === "moved")
        assert.equal(await portrait(of), await portrait(makeMove(recipe).value));
    });
  }

  #fateOfMove(recipe: string): ReturnType<typeof fateOfMove> {
    const fate = fateOfMove(recipe);
    // Nothing is moved, and nothing looked at, where values pass as they are.
    return this.#clones ? fate : "either";
  }

  /** Interrupts a call that runs, for a hostile reason. */
  async #interrupt(deed: "cancel" | "signal", recipe: string): Promise<void> {
    const id = this.#ids++;
    const controller = new AbortController();
    const task =
      deed === "cancel"
        ? hostile.untilAborted
        : hostile.untilAborted.with({ signal: controller.signal });
    const future: Future<unknown> = this.#pool.submit(task, this.#name, id);
    const reason = makeValue(recipe);
    touch.by = () => this.#touched();
    this.#watch(id, `${deed} ${id} for ${recipe}`, future, ([what, of]) => {
      assert.equal(what, "error", "it is cancelled");
      assert.ok(future.cancelled(), `${deed}: ${future.state}`);
      assert.ok(of instanceof CancelledError, tell(of));
      // Aborting with no reason makes one.
      if (deed === "cancel" || reason !== undefined)
        assert.ok(Object.is(of.cause, reason), "for the very reason that was given");
    });
    while (future.state === "pending") await sleep(1);
    if (deed === "signal") controller.abort(reason);
    else assert.equal(future.cancel({ interrupt: true, reason }), true);
    assert.equal(future.state, "cancelled");
  }

  async #map({ deed, recipes, chunkSize }: Step & { deed: "map" | "starmap" }): Promise<void> {
    const values = recipes.map(makeValue);
    touch.by = () => this.#touched();
    const results =
      deed === "map"
        ? this.#pool.map(hostile.drawn, values, { chunkSize })
        : this.#pool.starmap(
            hostile.drawn,
            values.map((value): [unknown] => [value]),
            { chunkSize },
          );
    for (const [at, recipe] of recipes.entries()) {
      const name = `element ${at} of ${deed} of ${recipes.join(", ")}`;
      let outcome: Outcome;
      try {
        const { value, done } = await this.#inTime(results.next(), name);
        assert.ok(done !== true, `${name}: the map ended`);
        outcome = ["value", value];
      } catch (error) {
        outcome = ["error", error];
      }
      try {
        if (outcome[0] === "value") await this.#mustAccept(recipe, outcome[1] as string);
        else this.#mustRefuse(recipe, outcome[1]);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
    }
    assert.equal((await this.#inTime(results.next(), "the end of a map")).done, true);
  }

  /** A value that is looked at calls back in. */
  #touched(): void {
    const before = this.#ids;
    this.#plain();
    this.#pool.stats();
    if (before % 3 === 0) this.#takeBack(0);
  }

  get #clones(): boolean {
    return this.#run.traits.clones;
  }

  /** It arrived: as one of the portraits it may have. */
  async #mustAccept(recipe: string, drawn: string): Promise<void> {
    if (fateOf(recipe) === "cloned" && this.#isToldInWords(recipe, drawn)) return;
    const own = touch.by;
    touch.by = undefined;
    const good = this.#clones
      ? await acceptable(recipe, this.#run.traits.processes)
      : [await portrait(makeValue(recipe))];
    touch.by = own;
    assert.ok(
      good.includes(drawn),
      `it arrived as ${drawn.slice(0, 300)}, not as ${good.join(" or ").slice(0, 600) || "nothing"}`,
    );
  }

  /** In a report, and in an error, what cannot cross is said in words: (a Blob, which cannot cross to a process). */
  #isToldInWords(recipe: string, drawn: string): boolean {
    const isTold = /"(\([^"]+\)|Symbol\([^"]*\))"/.test(drawn);
    return isTold && this.#clones && mayRefuse(recipe, this.#run.traits.processes);
  }

  /** It was refused: so it may be, and for what it is. */
  #mustRefuse(recipe: string, error: unknown, isResult = false): void {
    const mayFail = this.#clones
      ? mayRefuse(recipe, this.#run.traits.processes)
      : // Whoever returns it awaits it.
        isResult && /then|proxy|revoked|trap|prototype|false-brand/.test(recipe);
    assert.ok(mayFail, `it was refused: ${tell(error)}`);
    if (/undefined-thrower/.test(recipe) && error === undefined) return;
    assertNamed(error);
  }

  #watch(id: number, name: string, future: Future<unknown>, check: Check): Call {
    const call: Call = { id, name, future, callbacks: 0, isOver: false };
    this.#calls.set(id, call);
    future.addDoneCallback(() => {
      call.callbacks++;
    });
    const settle = async (outcome: Outcome) => {
      call.isOver = true;
      this.#settled++;
      try {
        assert.equal(call.callbacks, 1, "callbacks");
        assert.ok(future.done());
        await check(outcome);
        this.toll.calls++;
        if (future.cancelled()) this.toll.cancelled++;
        else this.toll[outcome[0] === "value" ? "values" : "failures"]++;
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
    };
    // In a list each: what is given back must not be taken for a promise.
    const outcome = future.then(
      (value): Outcome => ["value", value],
      (error): Outcome => ["error", error],
    );
    this.#track(outcome.then(settle));
    return call;
  }

  #track(work: PromiseLike<void>): void {
    this.#underWay++;
    Promise.resolve(work)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#underWay--;
        this.#wake();
      });
  }

  /** Waits until no more than `most` are under way, and throws what did not hold. */
  async #drain(most: number): Promise<void> {
    while (this.#underWay > most && this.#failure === undefined) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.#inTime(woken, "everything");
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits for no longer than for as long as anything at all settles. */
  async #inTime<T>(work: PromiseLike<T>, what: string): Promise<T> {
    let timer: ReturnType<typeof setInterval> | undefined;
    const hung = new Promise<never>((_, reject) => {
      let settled = this.#settled;
      timer = setInterval(() => {
        if (settled === this.#settled) reject(this.#hung(what));
        settled = this.#settled;
      }, this.#stillMs);
    });
    try {
      return await Promise.race([work, hung]);
    } finally {
      clearInterval(timer);
    }
  }

  #hung(what: string): Error {
    const open = [...this.#calls.values()].filter(({ isOver }) => !isOver);
    const names = open.slice(0, 3).map(({ name, future }) => `${name} (${future.state})`);
    return new Error(`${what} hangs: ${open.length} calls are open, ${names.join(", ")}`);
  }

  #checkOrder(): void {
    const seen = new Set<number>();
    let last = -1;
    for (const id of this.#begun) {
      assert.ok(!seen.has(id), `${this.#calls.get(id)?.name} began twice`);
      seen.add(id);
      assert.ok(!this.#barred.has(id), `${this.#calls.get(id)?.name} began, and was refused`);
      if (this.#run.maxWorkers > 1) continue;
      assert.ok(id > last, `${this.#calls.get(id)?.name} began after call ${last}`);
      last = id;
    }
  }
}

/** Whether what structured clone refuses to move is still here afterwards. */
function isKeptByPlatform(recipe: string): boolean {
  const { value, list, buffers = [] } = makeMove(recipe);
  try {
    structuredClone(value, {
      transfer: (typeof list === "function" ? list() : list) as ArrayBuffer[],
    });
  } catch {
    // That was to be seen.
  }
  return buffers.every(({ byteLength }) => byteLength > 0);
}

/** What may be said of a value that does not cross: by the platform, by this library, or by the value itself. */
function assertNamed(error: unknown): void {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "nothing";
  const names = ["DataCloneError", "TypeError", "RangeError", "HostileError"];
  assert.ok(names.includes(name) || error === undefined, `it failed by ${tell(error)}`);
}

function tell(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error).slice(0, 200);
  } catch {
    return "what cannot be shown";
  }
}

function sleep(ms: number): Promise<void> {
  return delay(ms);
}
