// Tests of waits with a limit whose signal is hostile: what is laid over a signal's fields is never asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Future } from "../future.ts";
import { asCompleted } from "../wait.ts";
import { withDeadline } from "./with_deadline.ts";

/** A signal all of whose own fields throw, and count how often they were asked. */
function ragingController(): { controller: AbortController; asked: () => number } {
  const controller = new AbortController();
  let asked = 0;
  // Not "aborted": Deno's own controller asks for that.
  for (const field of ["reason", "addEventListener", "removeEventListener", "throwIfAborted"]) {
    Object.defineProperty(controller.signal, field, {
      get() {
        asked++;
        throw new RangeError("hostile");
      },
    });
  }
  return { controller, asked: () => asked };
}

test("result() waits with a hostile signal as with any other", async () => {
  const { controller, asked } = ragingController();
  const future = new Future<number>();
  const result = future.result({ signal: controller.signal });
  future.setResult(7);
  assert.equal(await result, 7);
  assert.equal(asked(), 0);
});

test("result() gives up for a hostile signal's true reason", async () => {
  for (const isAbortedBefore of [false, true]) {
    const { controller, asked } = ragingController();
    const future = new Future<number>();
    const reason = new Error("enough");
    if (isAbortedBefore) controller.abort(reason);
    const result = future.result({ signal: controller.signal });
    if (!isAbortedBefore) controller.abort(reason);
    await assert.rejects(result, reason);
    assert.equal(asked(), 0);
  }
});

test("withDeadline() watches nothing and leaves no timer when the signal has aborted before", async () => {
  const watch = () => assert.fail("there is nothing to wait for");
  // A timer that is left would be told of by the test runner on Deno.
  const limits = { timeout: 60_000, signal: AbortSignal.abort(new Error("before")) };
  await assert.rejects(
    withDeadline(watch, limits, () => new Error("late")),
    /before/,
  );
});

test("result() and asCompleted() refuse what only looks like a signal, and leave nothing behind", async () => {
  const refused = /^TypeError: Cannot use signal: expected an AbortSignal, got AbortSignal$/;
  const limits = { timeout: 60_000, signal: Object.create(AbortSignal.prototype) };
  const done = new Future<number>();
  done.setResult(1);
  for (const future of [new Future<number>(), done]) {
    await assert.rejects(future.result(limits), refused);
    assert.throws(() => asCompleted([future], limits), refused);
  }
});
