// BeginOrder: in which order a program's ordinary calls have begun, and which must not begin at all.

import assert from "node:assert/strict";
import type { OpenCalls } from "./open_calls.ts";

/** What has begun, as the workers tell. */
export class BeginOrder {
  /** Those that must not begin. */
  readonly barred = new Set<number>();
  /** In which order calls have begun. */
  readonly begun: number[] = [];

  /** Each began once, none that was barred, and where one worker makes them all, in the order of submission. */
  check(calls: OpenCalls, maxWorkers: number): void {
    const seen = new Set<number>();
    let last = -1;
    for (const id of this.begun) {
      assert.ok(!seen.has(id), `${calls.nameOf(id)} began twice`);
      seen.add(id);
      assert.ok(!this.barred.has(id), `${calls.nameOf(id)} began, and was refused`);
      if (maxWorkers > 1) continue;
      assert.ok(id > last, `${calls.nameOf(id)} began after call ${last}`);
      last = id;
    }
  }
}
