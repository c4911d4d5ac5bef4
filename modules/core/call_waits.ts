// CallWaits: which calls of this event loop wait for which futures, and whether they do in a circle: two that were given each
// other's futures would wait for ever.
//
// Whose call it is that waits is told by its async context, as in nested_calls.ts. A call of a worker has no future of its
// host's, and so none can wait for one.

import { marksHere, type RunningCall } from "./async_context.ts";
import { DeadlockError, type DeadlockStep } from "./errors.ts";
import type { WorkerIdentity } from "./worker_identity.ts";

/**
 * So long after a circle was closed it is looked for once more, in milliseconds: whoever has asked for a future and goes on
 * with something else has ended by then, or does not wait for it any more.
 */
const VERDICT_MS = 25;

/** Whose calls are made on this event loop. */
export interface Runner {
  /** The call of that number waits for a future of another one of the same. */
  awaitsCall(id: number, future: object, whenDone: (listener: () => void) => void): void;
}

/** The call that a future is of. */
export interface AwaitedCall {
  /** Whose call it is: the same object as its runner. */
  readonly of: object;
  /** Its number there. */
  readonly id: number;
  /** The name of its task. */
  readonly task: string;
}

/** A future that is waited for. */
export interface Awaited {
  readonly future: object;
  /** Of which call it is, as far as that is known. */
  call(): AwaitedCall | undefined;
  /** Has `listener` called when it is done. */
  whenDone(listener: () => void): void;
}

/** A call that waits. */
interface WaitingCall {
  /** Its run: one that has failed may be run again. */
  readonly run: RunningCall;
  readonly awaited: Set<Awaited>;
}

/** Holds calls back as long as others are inside. */
export interface Gate {
  /** The calls that are inside. */
  inside(): Iterable<AwaitedCall | undefined>;
  /** Has it look whether one that it holds has to be let through. */
  look(): void;
}

const runners = new WeakMap<WorkerIdentity, Runner>();
const waiting = new WeakMap<object, Map<number, WaitingCall>>();
/** What holds calls back, and how many all hold together. */
const gates = new WeakMap<object, Map<number, Gate>>();
let held = 0;
let areThereRunners = false;

/** Whether there may be calls on this event loop. */
export function mayCallsWait(): boolean {
  return areThereRunners;
}

/** Notes whose worker it is that makes calls on this event loop. */
export function noteRunner(worker: WorkerIdentity, runner: Runner): void {
  areThereRunners = true;
  runners.set(worker, runner);
}

/**
 * Notes that the call which runs here, if one does, waits for a future.
 *
 * @param listener What is to be called then, if anything: only that of an `await` stops whoever has given it.
 * @param outcome The future's own promise.
 * @returns In its place, if this closes a circle, one that rejects when it is still closed a moment later.
 */
export function waitOfCall<T>(
  awaited: Awaited,
  listener: unknown,
  outcome: () => Promise<T>,
): Promise<T> | undefined {
  const run = marksHere()?.current();
  const runner = run && runners.get(run.worker);
  if (run === undefined || runner === undefined) return undefined;
  if (listener !== undefined && !isOfAwait(listener)) return undefined;
  const { id } = run;
  let calls = waiting.get(runner);
  if (calls === undefined) {
    calls = new Map();
    waiting.set(runner, calls);
  }
  let call = calls.get(id);
  if (call?.run !== run) {
    call = { run, awaited: new Set() };
    calls.set(id, call);
  }
  const { awaited: all } = call;
  const forget = () => {
    all.delete(awaited);
    if (all.size === 0 && calls.get(id)?.awaited === all) calls.delete(id);
  };
  all.add(awaited);
  awaited.whenDone(forget);
  if (awaited.call()?.of === runner)
    runner.awaitsCall(id, awaited.future, (done) => awaited.whenDone(done));
  if (held > 0) lookAtGates(awaited);
  const find = () => (all.has(awaited) ? circleFrom(awaited, runner, id) : undefined);
  if (find() === undefined) return undefined;
  return new Promise((resolve, reject) => {
    outcome().then(resolve, reject);
    const judge = () => {
      const circle = find();
      if (circle === undefined) return;
      const error = deadlockOf(circle);
      forget();
      reject(error);
    };
    setTimeout(judge, VERDICT_MS);
  });
}

/** Notes that a gate holds a call. */
export function holdCall({ of, id }: AwaitedCall, gate: Gate): void {
  const calls = gates.get(of);
  if (calls === undefined) gates.set(of, new Map([[id, gate]]));
  else calls.set(id, gate);
  held++;
}

/** Notes that it does no longer. */
export function releaseCall({ of, id }: AwaitedCall): void {
  if (gates.get(of)?.delete(id) === true) held--;
}

/**
 * Whether nobody who is inside could ever leave: each waits for a call that this gate holds, or by way of others, and so would
 * those be held for ever that it holds.
 */
export function isStuck(gate: Gate): boolean {
  // Nearly always somebody inside is at work.
  for (const call of gate.inside()) if (nodeOf(call) === undefined) return false;
  const steps = stepsFrom(gate);
  const free = new Set<Node | undefined>([undefined]);
  for (let before = 0; before < free.size; ) {
    before = free.size;
    for (const [node, next] of steps) {
      const isFree = (each: Node | undefined) => free.has(each);
      if ("awaited" in node ? next.every(isFree) : next.some(isFree)) free.add(node);
    }
  }
  return !free.has(gate);
}

/** Who cannot go on by itself: a call that waits, or, for all calls that it holds, their gate. */
type Node = WaitingCall | Gate;

/** What stops a call; undefined if nothing does that is known here. */
function nodeOf(call: AwaitedCall | undefined): Node | undefined {
  if (call === undefined) return undefined;
  return gates.get(call.of)?.get(call.id) ?? waiting.get(call.of)?.get(call.id);
}

/** All that can be come to from `first`, with what each leads to. */
function stepsFrom(first: Node): Map<Node, (Node | undefined)[]> {
  const steps = new Map<Node, (Node | undefined)[]>([[first, []]]);
  for (const [node, next] of steps) {
    const calls = "awaited" in node ? [...node.awaited].map((each) => each.call()) : node.inside();
    for (const call of calls) {
      const to = nodeOf(call);
      next.push(to);
      if (to !== undefined && !steps.has(to)) steps.set(to, []);
    }
  }
  return steps;
}

/** Somebody has begun to wait: has the gates look behind which that leads. */
function lookAtGates(awaited: Awaited): void {
  const first = nodeOf(awaited.call());
  if (first === undefined) return;
  for (const node of stepsFrom(first).keys()) if (!("awaited" in node)) node.look();
}

/** Whether it is what an `await`, or `Promise.all`, waits by: a function of the engine's own, and bound to nothing. */
function isOfAwait(listener: unknown): boolean {
  if (typeof listener !== "function") return false;
  if (!Function.prototype.toString.call(listener).includes("[native code]")) return false;
  try {
    return listener.name === "";
  } catch {
    // A proxy, which is told as native code, and throws where it is looked at: a user's.
    return false;
  }
}

/** The futures from one to that of the call of this number, each of a call that waits for the next. */
function circleFrom(first: Awaited, runner: object, id: number): Awaited[] | undefined {
  const before = new Map<Awaited, Awaited | undefined>([[first, undefined]]);
  for (const step of before.keys()) {
    const call = step.call();
    if (call === undefined) continue;
    if (call.of === runner && call.id === id) {
      const circle: Awaited[] = [];
      for (let at: Awaited | undefined = step; at !== undefined; at = before.get(at))
        circle.unshift(at);
      return circle;
    }
    for (const next of waiting.get(call.of)?.get(call.id)?.awaited ?? [])
      if (!before.has(next)) before.set(next, step);
  }
  return undefined;
}

function deadlockOf(circle: readonly Awaited[]): DeadlockError {
  const calls = circle.map((each) => each.call() as AwaitedCall);
  const names = calls.map(({ of, id, task }) => {
    const worker = waiting.get(of)?.get(id)?.run.worker.name;
    return `task "${task}" (call ${id}${worker === undefined ? "" : ` on ${worker}`})`;
  });
  // The last future is that of whoever has closed it.
  const cycle = names.map(
    (name, at): DeadlockStep => ({
      task: names.at(at - 1) as string,
      waitsFor: name,
    }),
  );
  const told = cycle.map(({ task, waitsFor }) => `${task} waits for ${waitsFor}`).join("; ");
  return new DeadlockError(`Cannot get result: a deadlock: ${told}`, cycle);
}
