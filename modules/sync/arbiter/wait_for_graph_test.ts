// Tests of what it costs to look for a deadlock. Whether one is found is proved by modules/proofs/model/sync_graph_model_test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Party } from "./party.ts";
import { Permits } from "./permits.ts";
import { NO_LIMITS } from "./wait.ts";

test("a wait behind many that hold something is looked at in steps as many as they are", async () => {
  let steps = 0;
  class Counted extends Permits {
    override *before(...args: Parameters<Permits["before"]>): ReturnType<Permits["before"]> {
      for (const wait of super.before(...args)) {
        steps++;
        yield wait;
      }
    }
  }
  const queue = new Counted("lock", "queue", 1);
  const first = new Party("first");
  queue.acquire(first, false, NO_LIMITS);
  const parties = Array.from({ length: 500 }, (_, n) => new Party(`call ${n}`));
  const waits = parties.map((party, n) => {
    new Permits("lock", `own ${n}`, 1).acquire(party, false, NO_LIMITS);
    steps = 0;
    return queue.acquire(party, false, NO_LIMITS);
  });
  // Those before the last one, once each.
  assert.ok(steps < 2 * parties.length, `${steps} steps`);
  first.end(false);
  for (const [n, wait] of waits.entries()) {
    await wait;
    parties[n]?.end(false);
  }
});
