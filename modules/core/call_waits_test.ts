// Tests of what listens to the futures that calls wait for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventLoopExecutor } from "../../mod.ts";

test("a listener that throws where it is looked at listens all the same", async () => {
  await using executor = new EventLoopExecutor();
  const other = executor.submit(async () => 1);
  const heard = await executor.submit(
    () =>
      new Promise((resolve) => {
        const listener = new Proxy((value: number) => resolve(value), {
          get() {
            throw new Error("looked at");
          },
        });
        void other.then(listener);
      }),
  );
  assert.equal(heard, 1);
});
