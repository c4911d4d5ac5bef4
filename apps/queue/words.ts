// Counts the words of files, which agents do: deno run --allow-all apps/queue/words.ts FILE…
//
// The other terminal: deno task agent words=apps/queue/words_jobs.ts --queue words

import process from "node:process";
import { importTasks } from "@concurrent/futures";
import { QueueExecutor } from "@concurrent/futures/queue";

const tasks = { words: new URL("./words_jobs.ts", import.meta.url) };
const { countWords } = importTasks<typeof import("./words_jobs.ts")>(tasks.words);
const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

await using executor = new QueueExecutor({ connection: { url }, queue: "words", tasks });
// An agent may die: a file that it had begun is read again by another one.
const counting = countWords.with({ retries: 5 });
const files = process.argv.slice(2);
let words = 0;
const counts = executor.map(counting, files, { entries: true, chunkSize: 4 });
for await (const { item, outcome } of counts) {
  if (outcome.status === "rejected") console.error(`${item}: ${outcome.reason}`);
  else {
    words += outcome.value;
    console.log(`${outcome.value}\t${item}`);
  }
}
console.log(`${words}\ttotal`);
