// main_deno.ts: deno run --allow-read main_deno.ts
//
// Every core of a script, by threads on Deno: many texts are counted at once, and the counts added up as they come.

import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";

const { countLetters } = importTasks<typeof import("./jobs.ts")>(
  new URL("./jobs.ts", import.meta.url),
);

// Put the texts of your files; an async iterable will do, too.
const texts = Array.from({ length: 1_000 }, (_, n) => `Text ${n} of a thousand`);

await using pool = new ThreadPoolExecutor();
const total = new Map<string, number>();
for await (const counts of pool.map(countLetters, texts, { ordered: false })) {
  for (const [letter, count] of counts) total.set(letter, (total.get(letter) ?? 0) + count);
}
console.log("t:", total.get("t")); // t: 3000
