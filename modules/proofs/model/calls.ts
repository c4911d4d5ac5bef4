// Calls of a random program: what is known of each, and what must hold of it at any time, whatever workers it ran on.
import assert from "node:assert/strict";
import {
  BrokenExecutorError,
  CancelledError,
  type Executor,
  type Future,
  QueueFullError,
  ShutdownError,
  TimeoutError,
  WorkerLostError,
} from "../../../mod.ts";

/** One accepted call. */
export interface ProgramCall {
  readonly id: number;
  readonly retries: number;
  readonly future: Future<unknown>;
  callbacks: number;
  state: string;
  /** cancel() said that its code will never start. */
  isCancelledWaiting: boolean;
}

const LEGAL = {
  pending: ["pending", "running", "cancelled", "finished"],
  running: ["running", "cancelled", "finished"],
  cancelled: ["cancelled"],
  finished: ["finished"],
};

/** Begins to watch a call. */
export function watchCall(id: number, retries: number, future: Future<unknown>): ProgramCall {
  const call: ProgramCall = {
    id,
    retries,
    future,
    callbacks: 0,
    state: "pending",
    isCancelledWaiting: false,
  };
  future.addDoneCallback(() => {
    call.callbacks++;
  });
  return call;
}

/**
 * Looks whether all that may hold of one call does: it settles once, to its own value or error, and its callbacks run once.
 *
 * @returns the error it has settled with, if it has.
 */
export function checkCall(call: ProgramCall): unknown {
  const { future, id } = call;
  const { state, value, error } = future.snapshot();
  const legal = LEGAL[call.state as keyof typeof LEGAL];
  assert.ok(legal.includes(state), `call ${id}: from ${call.state} to ${state}`);
  call.state = state;
  assert.equal(call.callbacks, future.done() ? 1 : 0, `callbacks of call ${id}`);
  if (state !== "finished") return undefined;
  if (error === undefined) assert.equal(value, valueFor(id), `value of call ${id}`);
  else assert.ok(isExpected(error) || isOwn(error, id), `error of call ${id}: ${error}`);
  return error;
}

/** Reads results of a map that doubles the numbers from 0. */
export async function readMap(results: ReturnType<Executor["map"]>, most: number): Promise<void> {
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

/** Watches that the events of each call come in order. */
export function watchEvents(pool: Executor): void {
  const seen = new Map<number, string>();
  pool.observe((event) => {
    if (!("id" in event)) return;
    const last = seen.get(event.id);
    if (event.type === "submitted") assert.equal(last, undefined, "submitted twice");
    else assert.ok(last !== undefined && last !== "settled", `${event.type} after ${last}`);
    seen.set(event.id, event.type);
  });
}

/** What a call gives that succeeds. */
export function valueFor(id: number): string {
  return `value ${id}`;
}

/** What a call throws that fails. */
export function errorFor(id: number): RangeError {
  return new RangeError(`call ${id}`);
}

/** Whether an error is one that faults and limits may bring to any call. */
export function isExpected(error: unknown): boolean {
  const expected = [WorkerLostError, BrokenExecutorError, CancelledError, TimeoutError];
  return expected.some((kind) => error instanceof kind);
}

/** Throws unless a pool may refuse what was asked with this error. */
export function expectRefusal(error: unknown): void {
  const refusals = [ShutdownError, BrokenExecutorError, QueueFullError];
  assert.ok(
    refusals.some((refusal) => error instanceof refusal),
    String(error),
  );
}

function isOwn(error: unknown, id: number): boolean {
  return error instanceof RangeError && error.message === errorFor(id).message;
}
