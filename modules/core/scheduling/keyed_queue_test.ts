// KeyedQueue: turns among keys, none above its limit, and nothing is kept of those that have no calls.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Profile, Terms, type Work } from "../work/work.ts";
import { KeyedQueue } from "./keyed_queue.ts";

type WaitingWork = Work & { waiting: number; readonly order: number };

let made = 0;

/** A work of one call that does nothing but wait. */
function work(key: string | undefined, priority = 0): WaitingWork {
  const order = made++;
  const one = {
    key,
    priority,
    order,
    terms: new Terms({ module: "", export: "" }, { priority }, new Profile()),
    queued: false,
    waiting: 1,
    take: () => {
      one.waiting--;
      return 0;
    },
    giveBack: () => {
      one.waiting++;
    },
  } as Partial<WaitingWork> as WaitingWork;
  return one;
}

/** Takes the next call; undefined where none may be. */
function take(queue: KeyedQueue): WaitingWork | undefined {
  const next = queue.front() as WaitingWork | undefined;
  if (next === undefined) return undefined;
  next.take();
  queue.took();
  return next;
}

test("keys take turns, and each key's calls stay in order", () => {
  const queue = new KeyedQueue(10, () => {});
  const works = [..."aaabbc"].map((key) => work(key));
  for (const one of works) queue.put(one);
  const taken = works.map(() => take(queue) as WaitingWork);
  assert.equal(taken.map(({ key }) => key).join(""), "abcaba");
  for (const key of "abc") {
    const orders = taken.filter((one) => one.key === key).map(({ order }) => order);
    assert.deepEqual(
      orders,
      orders.toSorted((a, b) => a - b),
    );
  }
});

test("a key that is full has no turn until one of its calls has left, and then comes last", () => {
  let turns = 0;
  const queue = new KeyedQueue(1, () => turns++);
  const [first, second, other] = [work("a"), work("a"), work("b")];
  for (const one of [first, second, other]) queue.put(one);
  assert.equal(take(queue), first);
  assert.equal(take(queue), other);
  assert.equal(take(queue), undefined);
  const third = work("b");
  queue.put(third);
  queue.left(first);
  queue.left(other);
  assert.equal(turns, 2);
  assert.equal(take(queue), second);
  assert.equal(take(queue), third);
});

test("a call that is given back has its turn before those that have not had theirs, in order", () => {
  const queue = new KeyedQueue(1, () => {});
  const works = ["a", "b", "c", "a", "b", "d"].map((key) => work(key));
  for (const one of works) queue.put(one);
  const [a1, b1, c1, a2, b2, d1] = works as [Work, Work, Work, Work, Work, Work];
  for (const one of [a1, b1, c1, d1]) assert.equal(take(queue), one);
  queue.left(a1);
  assert.equal(take(queue), a2);
  queue.left(b1);
  // As they are taken back behind what runs: from the last on.
  for (const one of [a2, d1]) queue.left(one);
  queue.giveBack([d1, a2].map((one) => ({ work: one, index: 0 })));
  assert.equal(take(queue), d1);
  assert.equal(take(queue), a2);
  assert.equal(take(queue), b2);
});

test("keys without calls are forgotten, ranks without lanes too", () => {
  const queue = new KeyedQueue(2, () => {});
  const works = Array.from({ length: 1000 }, (_, n) => work(`${n}`, n % 3));
  for (const one of works) queue.put(one);
  assert.equal(queue.size, 1000);
  for (const one of works.slice(0, 500)) one.waiting = 0;
  const out: WaitingWork[] = [];
  for (let next = take(queue); next !== undefined; next = take(queue)) out.push(next);
  assert.equal(queue.size, 500);
  for (const one of out) queue.left(one);
  assert.equal(queue.size, 0);
  assert.equal(queue.front(), undefined);
});

/** What is done to a queue. */
const deeds = fc.array(
  fc.oneof(
    fc.record({
      does: fc.constant("put" as const),
      key: fc.constantFrom("a", "b", "c", undefined),
      priority: fc.constantFrom(0, 1),
    }),
    fc.record({ does: fc.constantFrom("take", "leave", "giveBack", "cancel", "move", "compact") }),
  ),
  { maxLength: 120 },
);

test("whatever is done, no key is above its limit, nothing is lost or out twice, none waits in vain", () => {
  fc.assert(
    fc.property(deeds, fc.integer({ min: 1, max: 3 }), fc.nat(), (program, most, seed) => {
      const queue = new KeyedQueue(most, () => {});
      const waiting: WaitingWork[] = [];
      const out: WaitingWork[] = [];
      let dice = seed;
      const any = <T>(of: T[]): T | undefined => {
        dice = (dice * 31 + 7) % 1009;
        return of[dice % of.length];
      };
      const running = (key: unknown) => out.filter((one) => one.key === key).length;
      const mayRun = ({ key }: Work) => key === undefined || running(key) < most;
      for (const deed of program) {
        if ("key" in deed) {
          const one = work(deed.key, deed.priority);
          waiting.push(one);
          queue.put(one);
        } else if (deed.does === "take") {
          const one = take(queue);
          const best = waiting.filter(mayRun).toSorted((a, b) => b.priority - a.priority)[0];
          assert.equal(one?.priority, best?.priority, "the highest priority that may");
          if (one === undefined) continue;
          const before = waiting.filter(
            (other) => other.key === one.key && other.priority === one.priority,
          );
          assert.equal(Math.min(...before.map(({ order }) => order)), one.order);
          assert.ok(mayRun(one));
          waiting.splice(waiting.indexOf(one), 1);
          out.push(one);
        } else if (deed.does === "leave" || deed.does === "giveBack") {
          const one = any(out);
          if (one === undefined) continue;
          out.splice(out.indexOf(one), 1);
          queue.left(one);
          if (deed.does === "leave") continue;
          queue.giveBack([{ work: one, index: 0 }]);
          waiting.push(one);
        } else if (deed.does === "cancel") {
          const one = any(waiting);
          if (one === undefined) continue;
          waiting.splice(waiting.indexOf(one), 1);
          one.waiting = 0;
          queue.dropped();
        } else if (deed.does === "move") {
          const one = any(waiting) as { priority: number } & WaitingWork;
          if (one === undefined) continue;
          const before = one.priority;
          one.priority = 1 - before;
          queue.moved(one, before);
        } else {
          for (let times = 0; times < 1024; times++) queue.dropped();
        }
      }
      while (waiting.length + out.length > 0) {
        const one = take(queue);
        assert.equal(one !== undefined, waiting.some(mayRun), "who may run does");
        if (one !== undefined) out.push(...waiting.splice(waiting.indexOf(one), 1));
        else for (const left of out.splice(0)) queue.left(left);
      }
      assert.equal(queue.front(), undefined);
      assert.equal(queue.size, 0);
    }),
    { numRuns: 300 },
  );
});
