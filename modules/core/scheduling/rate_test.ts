// Rate: never more than its limit in any time, and never later than it must be.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Rate } from "./rate.ts";

const rhythms = fc.record({
  interval: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 20 }),
});
/** Milliseconds between two moments at which somebody asks. */
const gaps = fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
});

test("in no span of time more calls begin than one each interval, and a burst", () => {
  fc.assert(
    fc.property(rhythms, gaps, (rhythm, waits) => {
      const rate = new Rate(rhythm);
      const begun: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        while (rate.wait(now) === 0) {
          rate.spend(now);
          begun.push(now);
        }
      }
      const { interval, burst } = rhythm;
      for (let last = burst; last < begun.length; last++) {
        for (let first = 0; first <= last - burst; first++) {
          const took = (begun[last] as number) - (begun[first] as number);
          assert.ok(took >= (last - first - burst + 1) * interval * (1 - 1e-9) - 1e-3);
        }
      }
    }),
  );
});

test("a call waits no longer than a bucket that is filled evenly would have it wait", () => {
  fc.assert(
    fc.property(rhythms, gaps, ({ interval, burst }, waits) => {
      const rate = new Rate({ interval, burst });
      // The model: a bucket of `burst` permits, one more each interval.
      let [now, permits] = [0, burst];
      for (const wait of waits) {
        now += wait;
        permits = Math.min(burst, permits + wait / interval);
        const due = Math.max(0, (1 - permits) * interval);
        assert.ok(Math.abs(rate.wait(now) - due) < 1e-3 + 1e-9 * interval * burst, `${due}`);
        now += due;
        permits = Math.min(burst, permits + due / interval);
        rate.spend(now);
        permits--;
      }
    }),
  );
});

test("a rate that is used as fast as it allows keeps to its limit over a long time", () => {
  const rate = new Rate({ interval: 1000 / 3, burst: 1 });
  let now = 0;
  for (let call = 0; call < 3_000_000; call++) {
    now += rate.wait(now);
    rate.spend(now);
  }
  assert.ok(Math.abs(now - 1_000_000_000) < 1000, `${now}`);
});
