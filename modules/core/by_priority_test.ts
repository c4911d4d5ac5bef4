// Tests of lists sorted by priority.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { placeOf } from "./by_priority.ts";

test("placeOf tells where the entry of a priority stands, or belongs", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.integer(), (priorities, wanted) => {
      const list = priorities.toSorted((a, b) => b - a).map((priority) => ({ priority }));
      assert.equal(placeOf(list, wanted), priorities.filter((each) => each > wanted).length);
    }),
  );
});

test("placeOf looks at few entries of many: there may be a priority for each call", () => {
  let looks = 0;
  const entry = (at: number) => ({
    get priority() {
      looks++;
      return -at;
    },
  });
  const list = Array.from({ length: 65_536 }, (_, at) => entry(at));
  assert.equal(placeOf(list, -50_000.5), 50_001);
  assert(looks <= 17, `${looks} looks`);
});
