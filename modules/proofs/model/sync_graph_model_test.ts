// Random programs of locks, semaphores and readers' locks, beside a reference that looks at all states that can follow: a
// deadlock is told exactly when nobody in it could ever go on, at the wait that closes it, and never otherwise.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { Party } from "../../sync/arbiter/party.ts";
import { type Granted, Permits } from "../../sync/arbiter/permits.ts";
import { NO_LIMITS } from "../../sync/arbiter/wait.ts";
import { DeadlockError } from "../../sync/errors.ts";

const RUNS = 400;
const DEEDS = 60;
const PARTIES = 4;

/** Capacities; `undefined` is a lock of readers and writers. */
const KINDS = [1, 1, 2, undefined] as const;

const deed = fc.record({
  party: fc.nat({ max: PARTIES - 1 }),
  resource: fc.nat({ max: KINDS.length - 1 }),
  isExclusive: fc.boolean(),
  isRelease: fc.boolean(),
});

/** The reference: who holds how much of what, and who waits, in order. */
interface State {
  readonly held: { party: number; resource: number; isExclusive: boolean }[];
  readonly queue: { party: number; resource: number; isExclusive: boolean }[];
}

/** How many deadlocks there were. */
let told = 0;

test("a deadlock is told when there is one, and never else", async () => {
  const runs = Number(process.env.MODEL_RUNS ?? RUNS);
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 20, maxLength: DEEDS, size: "max" }), run),
    { numRuns: runs },
  );
  assert.ok(told > runs / 4, `${told} deadlocks are too few to prove anything`);
});

async function run(
  deeds: readonly (typeof deed extends fc.Arbitrary<infer D> ? D : never)[],
): Promise<void> {
  const parties = Array.from({ length: PARTIES }, (_, at) => new Party(`party ${at}`));
  const resources = KINDS.map(
    (capacity, at) =>
      new Permits(
        capacity === undefined ? "RWLock" : "lock",
        `${at}`,
        capacity ?? Number.POSITIVE_INFINITY,
      ),
  );
  const state: State = { held: [], queue: [] };
  const tokens = new Map<State["held"][number], Promise<Granted> | Granted>();

  const serve = () => {
    for (const [resource] of resources.entries()) {
      for (let next = nextOf(state, resource); next !== undefined; next = nextOf(state, resource)) {
        state.queue.splice(state.queue.indexOf(next), 1);
        state.held.push(next);
      }
    }
  };

  for (const { party, resource, isExclusive: wish, isRelease } of deeds) {
    if (state.queue.some((waiting) => waiting.party === party)) continue;
    if (isRelease) {
      const held = state.held.find((one) => one.party === party);
      if (held === undefined) continue;
      state.held.splice(state.held.indexOf(held), 1);
      const { token } = await (tokens.get(held) as Granted | Promise<Granted>);
      resources[held.resource]?.releaseOf(parties[party] as Party, token);
      serve();
      continue;
    }
    const isExclusive = KINDS[resource] === undefined && wish;
    const wanted = { party, resource, isExclusive };
    state.queue.push(wanted);
    serve();
    const expected = isStuck(state, party);
    const answer = resources[resource]?.acquire(parties[party] as Party, isExclusive, NO_LIMITS);
    if (expected) {
      told++;
      state.queue.splice(state.queue.indexOf(wanted), 1);
      serve();
      await assert.rejects(answer as Promise<Granted>, DeadlockError);
    } else {
      tokens.set(wanted, answer as Granted | Promise<Granted>);
      if (answer instanceof Promise) answer.catch((error) => assert.fail(error));
    }
    for (const [at, permits] of resources.entries()) {
      assert.equal(permits.waiting, state.queue.filter((one) => one.resource === at).length);
      assert.deepEqual(
        permits.holderNames.toSorted(),
        state.held
          .filter((one) => one.resource === at)
          .map((one) => `party ${one.party}`)
          .toSorted(),
      );
    }
  }
}

/** The wait that is served next of a resource, if one can be. */
function nextOf(state: State, resource: number): State["queue"][number] | undefined {
  const front = state.queue.find((waiting) => waiting.resource === resource);
  if (front === undefined) return undefined;
  const held = state.held.filter((one) => one.resource === resource);
  if (front.isExclusive) return held.length === 0 ? front : undefined;
  if (held.some((one) => one.isExclusive)) return undefined;
  return held.length < (KINDS[resource] ?? Number.POSITIVE_INFINITY) ? front : undefined;
}

/** Whether a party waits and will never be served, though everyone who can go on ends and gives back all. */
function isStuck({ held, queue }: State, party: number): boolean {
  const state: State = { held: [...held], queue: [...queue] };
  for (;;) {
    if (!state.queue.some((waiting) => waiting.party === party)) return false;
    const ends = state.held.find(
      (one) => !state.queue.some((waiting) => waiting.party === one.party),
    );
    if (ends === undefined) return true;
    state.held.splice(state.held.indexOf(ends), 1);
    for (const [resource] of KINDS.entries()) {
      for (let next = nextOf(state, resource); next !== undefined; next = nextOf(state, resource)) {
        state.queue.splice(state.queue.indexOf(next), 1);
        state.held.push(next);
      }
    }
  }
}
