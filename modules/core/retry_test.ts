// Pauses between the runs of a call that fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { retryPause } from "./retry.ts";

test("pauses grow by the factor, and not above maxDelay", () => {
  const retries = { limit: 9, delay: 100, factor: 3, maxDelay: 1000 };
  const pauses = [0, 1, 2, 3, 2000].map((failures) => retryPause(retries, failures));
  assert.deepEqual(pauses, [100, 300, 900, 1000, 1000]);
  assert.equal(retryPause({ limit: 99, delay: 1000 }, 30), 30_000, "the default");
  assert.equal(retryPause({ limit: 9 }, 5000), 0);
  assert.equal(retryPause(3, 2), 0);
});

test("with jitter a pause is drawn between 0 and what it would be", () => {
  const pause = fc.record({
    limit: fc.nat(),
    delay: fc.nat({ max: 10_000 }),
    factor: fc.double({ min: 1, max: 5, noNaN: true }),
  });
  fc.assert(
    fc.property(
      pause,
      fc.nat({ max: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (r, n, x) => {
        const whole = retryPause(r, n);
        assert.equal(
          retryPause({ ...r, jitter: true }, n, () => x),
          whole * x,
        );
        assert.ok(retryPause({ ...r, jitter: true }, n) <= whole);
      },
    ),
  );
});
