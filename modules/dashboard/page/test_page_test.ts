// Tests of how a test of a page tells of several errors: as a reporter prints it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { unfolded } from "./test_page.ts";

/** Fails, and is disposed of with two complaints, one within the other. */
async function failThrice(): Promise<void> {
  await using _server = complaining("of the server");
  await using _page = complaining("of the page");
  throw new RangeError("of the test");
}

function complaining(message: string): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => Promise.reject(new TypeError(message)) };
}

test("unfolded() has all errors, in the order in which they came", async () => {
  const error = unfolded(await failThrice().catch((error) => error));
  assert.ok(error instanceof AggregateError);
  assert.deepEqual(error.errors.map(String), [
    "RangeError: of the test",
    "TypeError: of the page",
    "TypeError: of the server",
  ]);
});

test("unfolded() leaves one error as it is", () => {
  const error = new RangeError("alone");
  assert.equal(unfolded(error), error);
});
