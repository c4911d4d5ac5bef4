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
  return {
    terms: new Terms({ module: "", export: name }, { priority }, new Profile()),
    chunkSize: undefined,
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
    retry: () => undefined,
  };
}

function takeAll(queue: TaskQueue): string[] {
  const names: string[] = [];
  for (let next = queue.front(); next !== undefined; next = queue.front()) {
    next.take();
    names.push(next.terms.name);
  }
  return names;
}

test("front() gives works in the order pushed", () => {
  const queue = new TaskQueue();
  for (const name of ["a", "b", "c"]) queue.push(work(name));
  assert.deepEqual(takeAll(queue), ["a", "b", "c"]);
});

test("front() gives higher priorities first, and equal ones in the order pushed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 })), (priorities) => {
      const queue = new TaskQueue();
      const works = priorities.map((priority, index) => work(`${index}`, priority));
      for (const each of works) queue.push(each);
      const expected = works
        .toSorted((a, b) => b.terms.priority - a.terms.priority)
        .map((each) => each.terms.name);
      assert.deepEqual(takeAll(queue), expected);
    }),
  );
});

test("putBack() puts a work before those of its priority that came later, and behind higher ones", () => {
  const queue = new TaskQueue();
  const [first, second, third] = [work("first"), work("second"), work("third")];
  queue.push(work("last"));
  queue.push(work("urgent", 1));
  // In whatever order several workers give back what they had.
  for (const returned of [second, third, first]) queue.putBack(returned);
  assert.deepEqual(takeAll(queue), ["urgent", "first", "second", "third", "last"]);
});

test("push() adds a work that is in the queue only once", () => {
  const queue = new TaskQueue();
  const once = work("once");
  queue.push(once);
  queue.push(once);
  assert.deepEqual(takeAll(queue), ["once"]);
  assert.equal(once.queued, false);
});

test("front() passes over works that have nothing waiting any more", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 5000 }), (cancelled) => {
      const queue = new TaskQueue();
      const works = cancelled.map((_, index) => work(`${index}`));
      for (const each of works) queue.push(each);
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
    queue.push(work(name, priority));
  assert.deepEqual(
    queue.drain().map((each) => each.terms.name),
    ["b", "a", "c"],
  );
  assert.equal(queue.front(), undefined);
});
