// Deeds: what a hostile program does to a pool, call by call, and what must come of each.

import assert from "node:assert/strict";
import { delay } from "deno-std/async/delay.js";
import { CancelledError, type Executor, type Future } from "../../../mod.ts";
import { hostile } from "../tasks.ts";
import type { BeginOrder } from "./begin_order.ts";
import { assertNamed, type Judge, tell } from "./judge.ts";
import { touch } from "./kind.ts";
import { makeMove } from "./lists.ts";
import type { Call, OpenCalls, Outcome } from "./open_calls.ts";
import { portrait } from "./portrait.ts";
import { fateOf, makeValue } from "./recipe.ts";
import { SOURCES, type Source } from "./sources.ts";
import type { Step } from "./steps.ts";
import { THENABLES } from "./thenables.ts";

/** So many ordinary calls are kept in mind, of which one may be taken back. */
const REMEMBERED = 60;

/** What deeds are done with. */
export interface DeedParts {
  readonly pool: Executor;
  readonly open: OpenCalls;
  readonly judge: Judge;
  readonly order: BeginOrder;
}

let programs = 0;

/** Does deeds to one pool. */
export class Deeds {
  readonly #pool: Executor;
  readonly #open: OpenCalls;
  readonly #judge: Judge;
  readonly #order: BeginOrder;
  readonly #name = `p${programs++}`;
  /** Ordinary calls, of which some are taken back. */
  #waiting: Call[] = [];
  #ids = 0;
  #mayTell = 0;

  constructor({ pool, open, judge, order }: DeedParts) {
    this.#pool = pool;
    this.#open = open;
    this.#judge = judge;
    this.#order = order;
  }

  /** So many reports of progress may have had something in them that had to be told otherwise. */
  get mayTell(): number {
    return this.#mayTell;
  }

  /** Does what a step says. */
  do(step: Step): void {
    switch (step.deed) {
      case "rest":
        return;
      case "plain":
        return this.plain();
      case "echo":
        return this.#echo();
      case "takeBack":
        return this.#takeBack(step.which);
      case "map":
      case "starmap":
        this.#open.track(this.#map(step));
        return;
      case "transfer":
        return this.#transfer(step.recipe);
      case "moveBack":
        return this.#moveBack(step.recipe);
      case "cancel":
      case "signal":
        this.#open.track(this.#interrupt(step.deed, step.recipe));
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
        this.#open.track(this.#iterate(step.name));
        return;
      case "report":
        return this.#report(step.recipe);
      default:
        step satisfies never;
    }
  }

  /** Makes an ordinary call. */
  plain(): void {
    const id = this.#ids++;
    const future = this.#pool.submit(hostile.plain, this.#name, id);
    const call = this.#open.watch(id, `plain ${id}`, future, ([what, of]) => {
      if (future.cancelled()) {
        this.#order.barred.add(id);
        return;
      }
      assert.equal(what, "value", `plain call ${id} failed: ${tell(of)}`);
      const [own, begun] = String(of).split("|");
      assert.equal(own, String(id), `the value of plain call ${id}`);
      this.#order.begun.push(...(begun ?? "").split(" ").map(Number));
    });
    this.#waiting.push(call);
    if (this.#waiting.length > REMEMBERED) this.#waiting = this.#waiting.slice(-20);
  }

  /** An ordinary call with bytes. */
  #echo(): void {
    const id = this.#ids++;
    const bytes = Uint8Array.of(id, id >> 8, id >> 16);
    const future = this.#pool.submit(hostile.echo, this.#name, id, bytes);
    this.#open.watch(id, `echo ${id}`, future, ([what, of]) => {
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
    this.#open.watch(id, `receive ${id} of ${recipe}`, future, async ([what, of]) => {
      if (what === "value") return await this.#judge.mustAccept(recipe, of as string);
      this.#judge.mustRefuse(recipe, of);
      this.#order.barred.add(id);
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
    this.#open.watch(id, `${deed} ${id} of ${recipe}`, future, async ([what, of]) => {
      if (what === "error") return this.#judge.mustRefuse(recipe, of, deed === "produce");
      const value = deed === "produce" ? of : (of as [number, unknown])[1];
      if (deed === "produceLater") assert.equal((of as [number, unknown])[0], id, "its own number");
      await this.#judge.mustAccept(recipe, await portrait(value));
    });
  }

  /** A thenable as a result: what comes of it is what `await` makes of one here. */
  #resolve(name: string): void {
    const id = this.#ids++;
    const future: Future<unknown> = this.#pool.submit(hostile.resolve, this.#name, id, name);
    this.#open.watch(id, `resolve ${id} of ${name}`, future, async ([what, of]) => {
      let awaited: Outcome;
      try {
        awaited = ["value", await THENABLES[name]?.()];
        if (this.#judge.clones) structuredClone(awaited[1]);
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
        const { value, done } = await this.#open.inTime(results.next(), `iterate ${name}`);
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
    this.#open.watch(id, `${deed} ${id} of ${recipe}`, future, async ([what, of]) => {
      assert.equal(what, "error", "what throws fails");
      if (deed === "raiseWith") {
        assert.ok(of instanceof TypeError, `its own error, not ${tell(of)}`);
        const { message, code } = of as TypeError & { code?: string };
        assert.deepEqual({ message, code }, { message: `call ${id}`, code: "E_HOSTILE" });
        return;
      }
      // A thrown value that would have crossed as one does so.
      if (fateOf(recipe) !== "whole") return;
      await this.#judge.mustAccept(recipe, await portrait(of));
    });
  }

  #report(recipe: string): void {
    const id = this.#ids++;
    const future = this.#pool.submit(hostile.report, this.#name, id, recipe);
    if (this.#judge.mayRefuse(recipe)) this.#mayTell++;
    const details: unknown[] = [];
    future.onProgress(({ detail }) => details.push(detail));
    this.#open.watch(id, `report ${id} of ${recipe}`, future, async ([what, of]) => {
      assert.equal(what, "value", `a report that fails costs no call: ${tell(of)}`);
      assert.ok(of === `${id} told` || of === `${id} refused`, `its own value, not ${tell(of)}`);
      if (of === `${id} refused`) {
        assert.ok(!this.#judge.clones || this.#judge.mayRefuse(recipe), "it could be told");
        return;
      }
      for (const detail of details) {
        const drawn = await portrait(detail);
        if (!this.#judge.isToldInWords(recipe, drawn)) await this.#judge.mustAccept(recipe, drawn);
      }
    });
  }

  #transfer(recipe: string): void {
    const id = this.#ids++;
    const { value, list, buffers = [] } = makeMove(recipe);
    const fate = this.#judge.fateOfMove(recipe);
    let future: Future<unknown>;
    try {
      const task = hostile.receive.with({ transfer: list as ArrayBuffer[] });
      future = this.#pool.submit(task, this.#name, id, value);
    } catch (error) {
      assert.ok(fate !== "moved", `transfer ${recipe} was refused: ${tell(error)}`);
      assert.ok(error instanceof TypeError, tell(error));
      return;
    }
    this.#open.watch(id, `transfer ${id} of ${recipe}`, future, async ([what, of]) => {
      if (what === "error") {
        assert.notEqual(fate, "moved", `a good list was refused: ${tell(of)}`);
        assertNamed(of);
        this.#judge.mustKeep(recipe, buffers);
        this.#order.barred.add(id);
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
    const fate = this.#judge.fateOfMove(recipe);
    const future: Future<unknown> = this.#pool.submit(hostile.moveBack, this.#name, id, recipe);
    this.#open.watch(id, `moveBack ${id} of ${recipe}`, future, async ([what, of]) => {
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
    this.#open.watch(id, `${deed} ${id} for ${recipe}`, future, ([what, of]) => {
      assert.equal(what, "error", "it is cancelled");
      assert.ok(future.cancelled(), `${deed}: ${future.state}`);
      assert.ok(of instanceof CancelledError, tell(of));
      // Aborting with no reason makes one.
      if (deed === "cancel" || reason !== undefined)
        assert.ok(Object.is(of.cause, reason), "for the very reason that was given");
    });
    while (future.state === "pending") await delay(1);
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
        const { value, done } = await this.#open.inTime(results.next(), name);
        assert.ok(done !== true, `${name}: the map ended`);
        outcome = ["value", value];
      } catch (error) {
        outcome = ["error", error];
      }
      try {
        if (outcome[0] === "value") await this.#judge.mustAccept(recipe, outcome[1] as string);
        else this.#judge.mustRefuse(recipe, outcome[1]);
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
      }
    }
    assert.equal((await this.#open.inTime(results.next(), "the end of a map")).done, true);
  }

  /** A value that is looked at calls back in. */
  #touched(): void {
    const before = this.#ids;
    this.plain();
    this.#pool.stats();
    if (before % 3 === 0) this.#takeBack(0);
  }
}
