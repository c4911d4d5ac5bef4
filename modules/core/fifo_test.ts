// Tests of the queue: against an array, and that it keeps nothing of what was taken out.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fifo } from "./fifo.ts";

test("it hands out what an array would, in the same order", () => {
  const deeds = fc.array(fc.constantFrom("push", "push", "shift", "shift", "clear" as const), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(deeds, (deeds) => {
      const [fifo, list] = [new Fifo<number>(), [] as number[]];
      for (const [n, deed] of deeds.entries()) {
        if (deed === "push") {
          fifo.push(n);
          list.push(n);
        } else if (deed === "shift") assert.equal(fifo.shift(), list.shift());
        else if (n % 7 === 0) {
          fifo.clear();
          list.length = 0;
        }
        assert.equal(fifo.first, list[0]);
        assert.equal(fifo.size, list.length);
      }
    }),
  );
});

test("taking out many takes as long for each as taking out few", () => {
  const timeFor = (count: number) => {
    const fifo = new Fifo<number>();
    for (let n = 0; n < count; n++) fifo.push(n);
    const since = performance.now();
    for (let n = 0; n < count; n++) assert.equal(fifo.shift(), n);
    return performance.now() - since;
  };
  timeFor(20_000);
  const few = timeFor(20_000);
  // An array that moves all that stand behind takes a thousand times as long.
  assert.ok(timeFor(400_000) < 200 * Math.max(few, 0.5));
});
