// Every core of a script, by threads on Node: node main.mjs. Node knows `await using` from version 24 on; this runs on 22.3, too.

import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/node";

const { countLetters } = importTasks(new URL("./jobs.mjs", import.meta.url));

// Put the texts of your files; an async iterable will do, too.
const texts = Array.from({ length: 1_000 }, (_, n) => `Text ${n} of a thousand`);

const pool = new ThreadPoolExecutor();
try {
  const total = new Map();
  for await (const counts of pool.map(countLetters, texts, { ordered: false })) {
    for (const [letter, count] of counts) total.set(letter, (total.get(letter) ?? 0) + count);
  }
  console.log("t:", total.get("t")); // t: 3000
} finally {
  await pool.shutdown();
}
