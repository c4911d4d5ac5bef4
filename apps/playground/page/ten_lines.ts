// The ten lines that the first view shows: whole, so that they run from a file of their own.

/** Writes them for a runtime. */
export function tenLines(runtime: "deno" | "bun"): string {
  return `import { task } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/${runtime}";

export const sum = task(import.meta.url, function sum(n: number) {
  let total = 0;
  for (let i = 1; i <= n; i++) total += i;
  return total;
});
if (import.meta.main) {
  await using pool = new ThreadPoolExecutor();
  for await (const n of pool.map(sum, [1e6, 2e6])) console.log(n);
}
`;
}
