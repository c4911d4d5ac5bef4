// The queue's order: first in, first out among equal priorities, higher ones first, whatever is taken out meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Profile, Terms, type Work } from "../work/work.ts";
import { TaskQueue } from "./task_queue.ts";

let made = 0;

/** A work of one call that does nothing but wait. */
function work(name: string, priority = 0, order = made++): Work & { waiting: number } {
  const nothing = () => {};
  const it: Work & { waiting: number } = {
    get whole() {
      return it;
    },
    priority,
    key: undefined,
    terms: new Terms({ module: "", export: name }, { priority }, new Profile()),
    chunkSize: undefined,
    context: undefined,
    order,
    queued: false,
    waiting: 1,
    take() {
      this.waiting--;
      return 0;
    },
    giveBack() {
      this.waiting++;
    },
    id: () => 0,
    pushArgs: () => 0,
    pushCall: () => 0,
    transfer: () => undefined,
    sent: nothing,
    started: nothing,
    progressed: nothing,
    isSettled: () => false,
    succeed: nothing,
    fail: nothing,
    cancel: nothing,
    cancelWaiting: nothing,
    failWaiting: nothing,
    threw: nothing,
    giveUp: nothing,
    verdictOf: () => undefined,
    failuresOf: () => undefined,
    rest: nothing,
  };
  return it;
}

function takeAll(queue: TaskQueue): string[] {
  const names: string[] = [];
  for (let next = queue.front(); next !== undefined; next = queue.front()) {
    next.take();
    names.push(next.terms.name);
  }
  return names;
}

test("front() gives works in the order they came in", () => {
  const queue = new TaskQueue();
  for (const name of ["a", "b", "c"]) queue.put(work(name));
  assert.deepEqual(takeAll(queue), ["a", "b", "c"]);
});

test("front() gives higher priorities first, and equal ones in the order they came in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 })), (priorities) => {
      const queue = new TaskQueue();
      const works = priorities.map((priority, index) => work(`${index}`, priority));
      for (const each of works) queue.put(each);
      const expected = works
        .toSorted((a, b) => b.terms.priority - a.terms.priority)
        .map((each) => each.terms.name);
      assert.deepEqual(takeAll(queue), expected);
    }),
  );
});

test("put() puts a work before those of its priority that came later, and behind higher ones", () => {
  const queue = new TaskQueue();
  const [first, second, third] = [work("first"), work("second"), work("third")];
  queue.put(work("last"));
  queue.put(work("urgent", 1));
  // In whatever order several workers give back what they had.
  for (const returned of [second, third, first]) queue.put(returned);
  assert.deepEqual(takeAll(queue), ["urgent", "first", "second", "third", "last"]);
});

test("put() adds a work that is in the queue only once", () => {
  const queue = new TaskQueue();
  const once = work("once");
  queue.put(once);
  queue.put(once);
  assert.deepEqual(takeAll(queue), ["once"]);
  assert.equal(once.queued, false);
});

test("front() passes over works that have nothing waiting any more", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 5000 }), (cancelled) => {
      const queue = new TaskQueue();
      const works = cancelled.map((_, index) => work(`${index}`));
      for (const each of works) queue.put(each);
      works.forEach((each, index) => {
        if (!cancelled[index]) return;
        each.waiting = 0;
        queue.dropped();
      });
      assert.deepEqual(
        takeAll(queue),
        works.filter((_, index) => !cancelled[index]).map((each) => each.terms.name),
      );
    }),
    { numRuns: 20 },
  );
});

test("drain() takes out everything that waits, in order", () => {
  const queue = new TaskQueue();
  for (const [name, priority] of [
    ["a", 0],
    ["b", 2],
    ["c", 0],
  ] as const)
    queue.put(work(name, priority));
  assert.deepEqual(
    queue.drain().map((each) => each.terms.name),
    ["b", "a", "c"],
  );
  assert.equal(queue.front(), undefined);
});

test("front() gives the calls of works of many in the order they came in, also those given back", () => {
  const owners = fc.array(fc.nat({ max: 3 }), { maxLength: 40 });
  const returned = fc.array(fc.nat({ max: 39 }), { maxLength: 20 });
  fc.assert(
    fc.property(owners, returned, (ownerOf, back) => {
      const queue = new TaskQueue();
      const works = [0, 1, 2, 3].map((name) => {
        const waiting: number[] = [];
        return Object.assign(work(`${name}`), {
          calls: waiting,
          take: () => waiting.shift() as number,
        });
      });
      for (const each of works) {
        Object.defineProperty(each, "waiting", { get: () => each.calls.length });
        Object.defineProperty(each, "order", { get: () => each.calls[0] ?? -1 });
      }
      const put = (call: number) => {
        const each = works[ownerOf[call] as number] as (typeof works)[number];
        each.calls.push(call);
        each.calls.sort((a, b) => a - b);
        queue.put(each);
      };
      const takeSome = (most: number): number[] => {
        const taken: number[] = [];
        for (let next = queue.front(); next !== undefined && taken.length < most; ) {
          const { bound } = queue;
          do taken.push(next.take());
          while (next.waiting > 0 && next.order < bound && taken.length < most);
          next = queue.front();
        }
        return taken;
      };
      for (const call of ownerOf.keys()) put(call);
      const all = [...ownerOf.keys()];
      const taken = takeSome(Math.floor(all.length / 2));
      assert.deepEqual(taken, all.slice(0, taken.length));
      const again = [...new Set(back)].filter((call) => call < taken.length);
      for (const call of again) put(call);
      assert.deepEqual(takeSome(100), [
        ...again.toSorted((a, b) => a - b),
        ...all.slice(taken.length),
      ]);
    }),
  );
});
