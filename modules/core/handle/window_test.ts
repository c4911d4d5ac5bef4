// Window: what a worker that is given up had begun, and what it never will.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CELLS, Claims } from "../memory/shared_memory.ts";
import type { Work } from "../work/work.ts";
import { Window } from "./window.ts";

/** Nothing is asked of a work here: it only has to be one. */
const work = {} as Work;

function bothSides(): { window: Window; worker: Claims } {
  const memory = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);
  return {
    window: new Window(new Claims(new Int32Array(memory))),
    worker: new Claims(new Int32Array(memory)),
  };
}

test("clear() takes back what a worker that lives on would still begin", () => {
  const { window, worker } = bothSides();
  for (const index of [0, 1, 2]) window.push(work, index);
  assert.equal(worker.begin(0), true);
  const { begun, waiting } = window.clear();
  assert.deepEqual(
    [begun, waiting].map((calls) => calls.map(({ index }) => index)),
    [[0], [1, 2]],
  );
  assert.equal(worker.begin(1), false, "it runs elsewhere");
  assert.equal(worker.begin(2), false);
});

test("unsend() takes back what was published before the sending failed", () => {
  const { window, worker } = bothSides();
  const seq = window.push(work, 0);
  assert.equal(window.unsend(seq).length, 1);
  assert.equal(worker.begin(seq), false);
  assert.equal(window.push(work, 1), seq, "its number is given again");
  assert.equal(worker.begin(seq), true);
});

test("clear() goes by the worker's word where it announces each call", () => {
  const window = new Window(undefined, true);
  for (const index of [0, 1]) window.push(work, index);
  window.noteBegun(0);
  const { begun, waiting } = window.clear();
  assert.deepEqual([begun.length, waiting.length], [1, 1]);
  const unannounced = new Window(undefined);
  unannounced.push(work, 0);
  assert.equal(unannounced.clear().begun.length, 1, "else what was sent counts as begun");
});

test("takeBackBehindFront() leaves the worker what came first, whatever it begins meanwhile", () => {
  // How many calls the worker begins before each of the host's attempts.
  const paces = fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(paces, (pace) => {
      const memory = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
      const [host, worker] = [new Claims(memory), new Claims(memory)];
      const begun: number[] = [];
      let next = 0;
      const begin = () => {
        if (next < 12 && worker.begin(next)) begun.push(next);
        next++;
      };
      const window = new Window({
        offer: (seq) => host.offer(seq),
        begin: (seq) => host.begin(seq),
        hasBegun: (seq) => host.hasBegun(seq),
        withdraw(seq) {
          for (let count = pace[seq] ?? 0; count > 0; count--) begin();
          return host.withdraw(seq);
        },
      });
      for (let index = 0; index < 12; index++) window.push(work, index);
      begin();
      const taken = window.takeBackBehindFront().map(({ index }) => index);
      while (next < 12) begin();
      assert.deepEqual(
        [...begun, ...taken],
        Array.from({ length: 12 }, (_, n) => n),
      );
    }),
  );
});

test("unsend() leaves what a worker that can be reached no more has begun", () => {
  const { window, worker } = bothSides();
  const first = window.push(work, 0);
  window.push(work, 1);
  assert.equal(worker.begin(first), true);
  assert.deepEqual(
    window.unsend(first).map(({ index }) => index),
    [1],
  );
  assert.equal(window.workAt(first), work, "it is lost with the worker");
});
