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

/** A call that waits: for all of these. */
interface WaitingCall {
  /** Its run: one that has failed may be run again. */
  readonly run: RunningCall;
  readonly awaited: Set<Awaited | AllOf | OneOf>;
}

/** What goes on once each of some calls is done. */
export interface AllOf {
  /** Those that are not done; undefined in the place of what is no call, or not known. */
  all(): Iterable<AwaitedCall | undefined>;
}

/** What goes on once one of some calls is done, whichever. */
export interface OneOf {
  /** Those that are not done, in the same way. */
  inside(): Iterable<AwaitedCall | undefined>;
}

/** Holds calls back as long as others are inside. */
export interface Gate extends OneOf {
  /** Has it look whether those inside still could leave. */
  look(): void;
}

/** That a call waits for others. */
export interface CallsWait {
  /** One of them is done. */
  changed(): void;
  /** It waits no more. */
  end(): void;
}

const runners = new WeakMap<WorkerIdentity, Runner>();
const waiting = new WeakMap<object, Map<number, WaitingCall>>();
/** What holds calls back, and how many all hold together. */
const gates = new WeakMap<object, Map<number, Gate>>();
let held = 0;
let areThereRunners = false;

/** Notes whose worker it is that makes calls on this event loop. */
export function noteRunner(worker: WorkerIdentity, runner: Runner): void {
  areThereRunners = true;
  runners.set(worker, runner);
}

/**
 * Notes that the call which runs here waits for a future.
 *
 * @param listener What is to be called then, if anything: only that of an `await` stops whoever has given it.
 * @param outcome The future's own promise.
 * @returns In its place, if this closes a circle, one that rejects when it is still closed a moment later.
 */
export function waitOfCall<T>(
  here: CallHere,
  awaited: Awaited,
  listener: unknown,
  outcome: () => Promise<T>,
): Promise<T> | undefined {
  if (listener !== undefined && !isOfAwait(listener)) return undefined;
  const { run, runner } = here;
  const { id } = run;
  const forget = noteWait(here, awaited);
  awaited.whenDone(forget);
  if (awaited.call()?.of === runner)
    runner.awaitsCall(id, awaited.future, (done) => awaited.whenDone(done));
  if (held > 0) lookAtGates(awaited);
  const all = waiting.get(runner)?.get(id)?.awaited;
  const find = () => (all?.has(awaited) === true ? circleFrom(awaited, runner, id) : undefined);
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

/** Notes that the call which runs here, if one does, waits for other calls, and not by the promise of a future. */
export function waitForCalls(calls: AllOf | OneOf): CallsWait | undefined {
  const here = callHere();
  if (here === undefined) return undefined;
  const end = noteWait(here, calls);
  const changed = () => {
    if (held > 0) lookAtGates(calls);
  };
  changed();
  return { changed, end };
}

/** The call whose code runs, where that is known. */
export interface CallHere {
  readonly run: RunningCall;
  readonly runner: Runner;
}

export function callHere(): CallHere | undefined {
  if (!areThereRunners) return undefined;
  const run = marksHere()?.current();
  if (run === undefined) return undefined;
  const runner = runners.get(run.worker);
  return runner && { run, runner };
}

/** Notes what a call waits for; returns how to forget that. */
function noteWait({ run, runner }: CallHere, what: Awaited | AllOf | OneOf): () => void {
  let calls = waiting.get(runner);
  if (calls === undefined) {
    calls = new Map();
    waiting.set(runner, calls);
  }
  let call = calls.get(run.id);
  if (call?.run !== run) {
    call = { run, awaited: new Set() };
    calls.set(run.id, call);
  }
  const { awaited } = call;
  awaited.add(what);
  return () => {
    awaited.delete(what);
    if (awaited.size === 0 && calls.get(run.id)?.awaited === awaited) calls.delete(run.id);
  };
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
  let isPlain = true;
  for (const call of gate.inside()) {
    const node = nodeOf(call);
    if (node === undefined) return false;
    isPlain &&= waitsAt(node, gate);
  }
  // Of ten thousand that one waits for only the first has to be looked at.
  return isPlain || areStuckIn(stepsFrom(gate), gate);
}

/** Whether a call that goes on with others, when all are done, waits for one that is held there. */
function waitsAt(node: Node, gate: Gate): boolean {
  if ("awaited" in node) {
    for (const what of node.awaited) {
      const next = nodeOfWait(what);
      if (next === gate || (next !== undefined && "all" in next && waitsAt(next, gate)))
        return true;
    }
  } else if ("all" in node) {
    for (const call of node.all()) if (nodeOf(call) === gate) return true;
  }
  return false;
}

/**
 * Calls `onCircle` if those inside wait for what this gate holds, and still do a moment later. Of a gate whose calls only wait
 * for others that are stuck, those are the ones to be told.
 */
export function judgeOwnHold(gate: Gate, onCircle: () => void): void {
  if (!isInCircle(gate)) return;
  setTimeout(() => {
    if (isInCircle(gate)) onCircle();
  }, VERDICT_MS);
}

function isInCircle(gate: Gate): boolean {
  for (const call of gate.inside()) if (nodeOf(call) === undefined) return false;
  const steps = stepsFrom(gate);
  return [...steps.values()].some((next) => next.includes(gate)) && areStuckIn(steps, gate);
}

/** Who cannot go on by itself: a call that waits for all of some, or who goes on with one of some. */
type Node = WaitingCall | AllOf | OneOf | Gate;

type Steps = ReadonlyMap<Node, readonly (Node | undefined)[]>;

function areStuckIn(steps: Steps, first: Node): boolean {
  const free = new Set<Node | undefined>([undefined]);
  for (let before = 0; before < free.size; ) {
    before = free.size;
    for (const [node, next] of steps) {
      const isFree = (each: Node | undefined) => free.has(each);
      if ("inside" in node ? next.some(isFree) : next.every(isFree)) free.add(node);
    }
  }
  return !free.has(first);
}

/** What stops a call; undefined if nothing does that is known here. */
function nodeOf(call: AwaitedCall | undefined): Node | undefined {
  if (call === undefined) return undefined;
  return gates.get(call.of)?.get(call.id) ?? waiting.get(call.of)?.get(call.id);
}

/** What a call waits for, as a step. */
function nodeOfWait(what: Awaited | AllOf | OneOf): Node | undefined {
  return "call" in what ? nodeOf(what.call()) : what;
}

/** All that can be come to from `first`, with what each leads to. */
function stepsFrom(first: Node): Steps {
  const steps = new Map<Node, (Node | undefined)[]>([[first, []]]);
  for (const [node, next] of steps) {
    if ("awaited" in node) for (const what of node.awaited) next.push(nodeOfWait(what));
    else for (const call of "all" in node ? node.all() : node.inside()) next.push(nodeOf(call));
    // Who waits for nothing is about to go on.
    if (next.length === 0) next.push(undefined);
    for (const to of next) if (to !== undefined && !steps.has(to)) steps.set(to, []);
  }
  return steps;
}

/** Somebody has begun to wait: has the gates look behind which that leads. */
function lookAtGates(what: Awaited | AllOf | OneOf): void {
  const first = nodeOfWait(what);
  if (first === undefined) return;
  for (const node of stepsFrom(first).keys()) if ("look" in node) node.look();
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
      if ("call" in next && !before.has(next)) before.set(next, step);
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
