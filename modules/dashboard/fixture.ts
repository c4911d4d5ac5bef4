// What tests of the dashboard share: waiting, and what a refusal looks like.

import assert from "node:assert/strict";
import { delay } from "deno-std/async/delay.js";

/** Asks again, a turn of the event loop apart, until there is an answer. */
export async function until<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 20_000;
  // Soon at first, for most is there at once; then seldom, so that who waits takes no processor from what is waited for.
  for (let pause = 2; ; pause = Math.min(pause * 1.5, 40)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(performance.now() < end, "waited for 20 s");
    await delay(pause);
  }
}

/** Checks that a response is a problem, and gives it. */
export async function problem(
  response: Response,
  status: number,
  field?: string,
): Promise<{ status: number; title: string; detail: string; field?: string }> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const body = JSON.parse(text);
  assert.equal(body.status, status);
  assert.ok(body.title.length > 0 && body.detail.length > 0);
  assert.equal(body.field, field, text);
  return body;
}
