// main.ts: deno run main.ts, or: bun main.ts
//
// Many requests, with limits: eight at once, a hundred waiting, two seconds each, and all of it in a minute.

import { EventLoopExecutor, task, taskContext } from "@concurrent/futures";

/** Fetches a page, and gives its length. It is stopped when nobody waits for it any more. */
export const measure = task(import.meta.url, async function measure(address: string) {
  const { signal } = taskContext(); // before the first await
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return (await response.text()).length;
});

// These need no network; put addresses of yours.
const addresses = ["data:,one", "data:,three", "nowhere:"];

await using executor = new EventLoopExecutor({ maxWorkers: 8, maxQueue: 100 });
const pages = executor.map(measure.with({ timeout: 2_000 }), addresses, {
  entries: true, // which is which, and failures as values
  bufferSize: 100, // no more of the list is taken than fits
  timeout: 60_000,
});
let failed = 0;
for await (const { item, outcome } of pages) {
  if (outcome.status === "fulfilled")
    console.log(item, outcome.value); // data:,one 3
  else failed++;
}
console.log(`${failed} failed`); // 1 failed
