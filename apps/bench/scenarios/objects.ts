// Small objects, as JSON has them: what it costs to carry some fields instead of a number.

import { measureWarm, microsecondsEach, numbers, type Scenario } from "../scenario.ts";

/** As a user's record might be: texts, numbers, and whether. */
function recordOf(id: number) {
  return { id, name: `name of ${id}`, score: id / 8, isActive: id % 2 === 0, tag: "plain" };
}

type RecordOfFive = ReturnType<typeof recordOf>;

export const objects: Scenario = {
  name: "objects",
  title: "Echo of an object of five fields, submitted at once, 2 workers, all awaited",
  metrics: { task: "µs" },
  kinds: ["us", "pipelined", "batched", "peer"],
  size: 50_000,
  peerSize: 10_000,
  goals: [
    { runtime: "deno", workers: "threads", metric: "task", against: "batched", atMost: 1.5 },
    { runtime: "deno", workers: "processes", metric: "task", against: "batched", atMost: 2 },
    { runtime: "bun", metric: "task", against: "batched", atMost: 1.5 },
  ],
  measure: measureWarm({ workers: 2, task: "echo" }, async (pool, size) => {
    const args = numbers(size).map(recordOf);
    let results: readonly unknown[] = [];
    const task = await microsecondsEach(size, async () => {
      results = await pool.many(args);
    });
    for (const [n, arg] of args.entries()) assertSame(results[n] as RecordOfFive, arg);
    return { task };
  }),
};

function assertSame(got: RecordOfFive, sent: RecordOfFive): void {
  const isSame = (Object.keys(sent) as (keyof RecordOfFive)[]).every(
    (field) => got[field] === sent[field],
  );
  if (!isSame || got === sent) throw new RangeError(`Wrong echo of ${sent.id}`);
}
