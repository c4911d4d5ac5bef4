// A program that submits tasks to a queue that is paused, says so, and waits for all of them: a test freezes it meanwhile.

import process from "node:process";
import { arithmetic } from "../../testing/tasks.ts";
import { QueueExecutor } from "../mod.ts";
import { tasks } from "./table.ts";

const [url = "", queue = "", count = ""] = process.argv.slice(2);
const executor = new QueueExecutor({ connection: { url }, queue, tasks });
await executor.pauseQueue();
const futures = Array.from({ length: Number(count) }, (_, n) =>
  executor.submit(arithmetic.square, n),
);
await Promise.all(futures.map((future) => future.accepted));
console.log("submitted");
const squares = await Promise.all(futures);
const right = squares.filter((square, n) => square === n * n).length;
console.log(`settled ${right} of ${count}`);
await executor.shutdown();
