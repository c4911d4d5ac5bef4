// Alarms: in order, never before their time, and cleared ones never.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../proofs/model/virtual_clock.ts";
import { Alarms } from "./alarms.ts";

type Deed = { readonly set: number } | { readonly clear: number };

test("alarms ring in order, each once, none before its time, and none that was cleared", () => {
  const deeds = fc.array(
    fc.oneof(
      fc.record({ set: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ clear: fc.nat({ max: 100 }) }),
    ) as fc.Arbitrary<Deed>,
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(deeds, (program) => {
      using clock = new VirtualClock().install();
      const alarms = new Alarms();
      const rung: number[] = [];
      const set: { due: number; alarm: ReturnType<Alarms["set"]>; isCleared: boolean }[] = [];
      for (const deed of program) {
        if ("set" in deed) {
          const at = set.length;
          const alarm = alarms.set(deed.set, () => {
            assert.ok(performance.now() >= alarm.due);
            rung.push(at);
          });
          set.push({ due: alarm.due, alarm, isCleared: false });
        } else {
          const one = set[deed.clear];
          if (one === undefined) continue;
          alarms.clear(one.alarm);
          one.isCleared = true;
        }
      }
      const left = [...set.entries()].filter(([, { isCleared }]) => !isCleared);
      assert.equal(alarms.size, left.length);
      while (clock.advance());
      const order = left.toSorted(([a, one], [b, other]) => one.due - other.due || a - b);
      assert.deepEqual(
        rung,
        order.map(([at]) => at),
      );
      assert.equal(alarms.size, 0);
    }),
  );
});

test("many alarms that are cleared leave nothing behind", () => {
  using clock = new VirtualClock().install();
  const alarms = new Alarms();
  const kept: number[] = [];
  alarms.set(30_000, () => kept.push(1));
  for (let n = 0; n < 100_000; n++) alarms.clear(alarms.set(60_000, () => kept.push(2)));
  assert.equal(alarms.size, 1);
  while (clock.advance());
  assert.deepEqual(kept, [1]);
});

test("an alarm that sets and clears others rings once, and stop() ends all", () => {
  using clock = new VirtualClock().install();
  const alarms = new Alarms();
  const rung: string[] = [];
  const later = alarms.set(20, () => rung.push("later"));
  alarms.set(10, () => {
    rung.push("first");
    alarms.clear(later);
    alarms.set(5, () => rung.push("second"));
    alarms.set(0, () => rung.push("at once"));
  });
  alarms.set(40, () => rung.push("last"));
  while (rung.length < 3) clock.advance();
  assert.deepEqual(rung, ["first", "at once", "second"]);
  alarms.stop();
  while (clock.advance());
  assert.equal(rung.length, 3);
});
