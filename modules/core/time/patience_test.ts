// Tests of Patience: waits in vain become rarer, and those that were worth while frequent again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Patience } from "./patience.ts";

/** How often one goes without a wait before the next. */
function goesWithout(patience: Patience): number {
  let count = 0;
  while (!patience.mayWait()) count++;
  return count;
}

test("after each wait in vain twice as many go without, and after others half as many", () => {
  const patience = new Patience(true);
  assert.equal(goesWithout(patience), 0);
  const inVain = [1, 2, 4, 8, 16, 32, 32].map((expected) => {
    assert.equal(
      patience.wait(0, () => undefined),
      false,
    );
    return [goesWithout(patience), expected];
  });
  for (const [count, expected] of inVain) assert.equal(count, expected);
  for (let n = 0; n < 3; n++)
    assert.equal(
      patience.wait(1e9, () => true),
      true,
    );
  assert.equal(goesWithout(patience), 0);
  patience.wait(0, () => undefined);
  assert.equal(goesWithout(patience), 4);
});

test("what will not come so, and what comes late, was waited for in vain", () => {
  const patience = new Patience(true);
  assert.equal(
    patience.wait(1e9, () => false),
    false,
  );
  let until = 0;
  const late = () => {
    until ||= performance.now() + 1;
    while (performance.now() < until);
    return true;
  };
  assert.equal(patience.wait(0.1, late), false);
});
