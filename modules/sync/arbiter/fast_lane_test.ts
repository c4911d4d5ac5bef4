// A lock that threads take by themselves: what becomes of it when a thread is given up that goes on all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LockWords } from "./lock_words.ts";
import { Party, PROGRAM } from "./party.ts";
import { type Granted, Permits } from "./permits.ts";
import { NO_LIMITS } from "./wait.ts";

/** A lock, or a semaphore of one permit, and a thread's side of it. */
function shared(kind: "lock" | "semaphore" = "lock"): { lock: Permits; words: LockWords } {
  const lock = new Permits(kind, "shared", 1);
  return { lock, words: new LockWords(lock.share()) };
}

/** Takes and gives back, as the program does. */
function takeNow(lock: Permits): Granted {
  const granted = lock.acquire(PROGRAM, false, NO_LIMITS);
  assert.ok(!(granted instanceof Promise), "somebody holds it");
  assert.ok(lock.releaseOf(PROGRAM, granted.token));
  return granted;
}

test("a thread that goes on taking a lock after its end keeps nobody from it", () => {
  const { lock, words } = shared();
  const holders = [1, 2, 3].map(() => words.newHolder());
  const parties = holders.map((holder) => new Party(`call ${holder}`));
  for (const [at, party] of parties.entries())
    lock.perform(party, ["introduce", holders[at] as number], NO_LIMITS);
  // Out of order, as calls end.
  for (const at of [2, 0, 1]) {
    const holder = holders[at] as number;
    assert.equal(typeof words.take(holder), "number");
    parties[at]?.end(true);
    assert.equal(takeNow(lock).abandoned, true);
    assert.equal(words.give(holder), false);
    assert.equal(typeof words.take(holder), "number");
    assert.equal(takeNow(lock).abandoned, true);
    assert.equal(takeNow(lock).abandoned, false);
  }
});

test("a lease that was given back gives back no later one", () => {
  const { lock, words } = shared();
  const party = new Party("call");
  const holder = words.newHolder();
  lock.perform(party, ["introduce", holder], NO_LIMITS);
  const first = words.take(holder) as number;
  assert.ok(words.give(holder));
  const second = words.take(holder) as number;
  assert.equal(lock.releaseOf(party, first), false);
  assert.ok(lock.isHeld(party, second));
  assert.ok(lock.releaseOf(party, second));
  takeNow(lock);
});

test("a semaphore of one permit is taken as a lock is, and one of two by way of the program alone", () => {
  const { lock, words } = shared("semaphore");
  const party = new Party("call");
  const holder = words.newHolder();
  lock.perform(party, ["introduce", holder], NO_LIMITS);
  assert.ok(words.take(holder));
  assert.equal(lock.tryAcquire(PROGRAM, false), undefined);
  party.end(true);
  assert.equal(takeNow(lock).abandoned, true);
  assert.equal(new Permits("semaphore", "two", 2).share(), undefined);
  assert.equal(new Permits("RWLock", "rows", Number.POSITIVE_INFINITY).share(), undefined);
});

test("what a thread has taken of which the program never heard is abandoned, and lost to nobody", () => {
  const { lock, words } = shared();
  assert.ok(words.take(words.newHolder()));
  assert.equal(takeNow(lock).abandoned, true);
  assert.equal(takeNow(lock).abandoned, false);
});

test("who is known and asks gives back by itself, until somebody waits; what it holds at its end is found", () => {
  const { lock, words } = shared();
  const party = new Party("call");
  const holder = words.newHolder();
  lock.perform(party, ["introduce", holder], NO_LIMITS);
  const take = () => (lock.acquire(party, false, NO_LIMITS) as Granted).token;
  const first = take();
  assert.ok(words.give(holder));
  const second = take();
  assert.ok(second > first);
  assert.equal(lock.tryAcquire(PROGRAM, false), undefined);
  assert.equal(words.give(holder), false);
  assert.ok(lock.releaseOf(party, second));
  takeNow(lock);
  take();
  party.end(true);
  assert.equal(takeNow(lock).abandoned, true);
});
