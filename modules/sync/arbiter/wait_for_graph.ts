// The wait-for graph: who waits for what whom holds. A wait that closes a circle is found when it begins.
//
//      task "a" ── waits for ──▶ lock "x" ── held by ──▶ task "b"
//         ▲                                                 │
//         └──── held by ── lock "y" ◀── waits for ──────────┘
//
// What has one holder is in a deadlock if there is a circle. What has several (a semaphore, readers) is in one only if nobody
// who holds of it can go on. So the graph is reduced: whoever can get all that it waits for goes on, gives back what it
// holds, and is taken out; who is left is stuck (Holt, "Some Deadlock Properties of Computer Systems", 1972).

import { DeadlockError, type DeadlockStep } from "../errors.ts";
import type { GraphWait, Party } from "./party.ts";

/**
 * Looks whether a wait that begins leaves its party stuck.
 *
 * @returns The error that names the circle, or undefined.
 */
export function findDeadlock(wait: GraphWait, action: string): DeadlockError | undefined {
  const { by } = wait;
  // Nobody can wait for one that holds nothing, and stands in no other queue.
  if (by.grants.size === 0 && by.blocked.size <= 1) return undefined;
  const reached = reachableFrom(by);
  if (reached === undefined) return undefined;
  reduce(reached);
  return reached.has(by) ? describe(wait, reached, action) : undefined;
}

/**
 * All whom a party waits for, however far away; undefined if it is not among them itself.
 *
 * Each queue is walked once: whom the waits before one wait for was seen with that.
 */
function reachableFrom(start: Party): Set<Party> | undefined {
  const reached = new Set<Party>();
  const seen = new Set<GraphWait>();
  const open = [start];
  const reach = (party: Party) => {
    if (party.isProgram || reached.has(party)) return;
    reached.add(party);
    open.push(party);
  };
  for (let party = open.pop(); party !== undefined; party = open.pop()) {
    for (const wait of party.blocked) {
      if (seen.has(wait)) continue;
      seen.add(wait);
      for (const holder of wait.on.holders()) reach(holder);
      for (const before of wait.on.before(wait)) {
        seen.add(before);
        reach(before.by);
      }
    }
  }
  return reached.has(start) ? reached : undefined;
}

/** Who stands between a wait and what it is for: holders, and those that came before. */
function* blockersOf(wait: GraphWait): Generator<Party> {
  yield* wait.on.holders();
  for (const { by } of wait.on.before(wait)) yield by;
}

/** Takes out everyone that can go on, until nobody is left that can. */
function reduce(stuck: Set<Party>): void {
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size;
    for (const party of stuck) if (canGoOn(party, stuck)) stuck.delete(party);
  }
}

function canGoOn(party: Party, stuck: ReadonlySet<Party>): boolean {
  for (const wait of party.blocked) if (!wait.on.isGranted(wait, stuck)) return false;
  return true;
}

function describe(wait: GraphWait, stuck: ReadonlySet<Party>, action: string): DeadlockError {
  const waits = circleOf(wait, stuck);
  const cycle = waits.map(({ by, on }): DeadlockStep => ({ task: by.name, waitsFor: on.label }));
  const told = cycle.map(({ task, waitsFor }, at) => {
    const next = cycle[at + 1]?.task;
    return `${task} waits for ${waitsFor}${next === undefined ? "" : `, held by ${next}`}`;
  });
  const [last] = cycle.slice(-1);
  const first = cycle[0]?.task;
  const end = cycle.length === 1 ? ", which it holds itself" : `, held by ${first}`;
  const message = `Cannot ${action}: a deadlock: ${told.join("; ")}${last === undefined ? "" : end}`;
  return new DeadlockError(message, cycle);
}

/** The shortest way from a wait back to whoever waits, through those that are stuck. */
function circleOf(wait: GraphWait, stuck: ReadonlySet<Party>): GraphWait[] {
  const before = new Map<GraphWait, GraphWait | undefined>([[wait, undefined]]);
  for (const step of before.keys()) {
    for (const party of blockersOf(step)) {
      if (party === wait.by) return wayTo(step, before);
      if (!stuck.has(party)) continue;
      for (const next of party.blocked)
        if (!before.has(next) && !next.on.isGranted(next, stuck)) before.set(next, step);
    }
  }
  return [wait];
}

function wayTo(step: GraphWait, before: Map<GraphWait, GraphWait | undefined>): GraphWait[] {
  const way: GraphWait[] = [];
  for (let at: GraphWait | undefined = step; at !== undefined; at = before.get(at)) way.unshift(at);
  return way;
}
