// Echoes of large buffers, one at a time, each way: what carrying data costs.

import type { Pool } from "../contender.ts";
import type { Goal, Metrics, Scenario } from "../scenario.ts";

const KIB = 1024;

/**
 * Bytes of each metric, and how many echoes are measured: enough for memory to be used again, not only to be had, and of
 * small ones for code to be compiled.
 */
const SIZES: Readonly<Record<string, { bytes: number; echoes: number }>> = {
  "1 KiB": { bytes: KIB, echoes: 20_000 },
  "64 KiB": { bytes: 64 * KIB, echoes: 4_000 },
  "1 MiB": { bytes: KIB * KIB, echoes: 400 },
  "16 MiB": { bytes: 16 * KIB * KIB, echoes: 20 },
};

export const payloadCopied: Scenario = {
  ...payload("payload-copied", "Echo of a buffer, copied each way, one at a time", false),
  kinds: ["us", "single", "peer"],
  goals: [...goals("deno"), ...goals("bun")],
};

export const payloadMoved: Scenario = {
  ...payload("payload-moved", "Echo of a buffer, transferred each way, one at a time", true),
  kinds: ["us", "single"],
  // Nothing can be moved between processes.
  runtimes: ["deno"],
  goals: goals("deno"),
};

function payload(name: string, title: string, moved: boolean): Omit<Scenario, "kinds" | "goals"> {
  return {
    name,
    title,
    metrics: Object.fromEntries(Object.keys(SIZES).map((size) => [size, "µs"])),
    // Per cent of the echoes.
    size: 100,
    quickSize: 25,
    async measure({ adapter, size }) {
      const pool = await adapter.open({ workers: 1, task: "echo", moved });
      const metrics: Metrics = {};
      for (const [metric, { bytes, echoes }] of Object.entries(SIZES)) {
        const count = Math.ceil((echoes * size) / 100);
        await echo(pool, bytes, Math.ceil(count / 2));
        metrics[metric] = await echo(pool, bytes, count);
      }
      return metrics;
    },
  };
}

function goals(runtime: Goal["runtime"]): Goal[] {
  return Object.keys(SIZES).map((metric) => ({ runtime, metric, against: "single", atMost: 1.15 }));
}

/** Microseconds for each of `count` echoes. What comes back is sent again, so that moving it moves one buffer. */
async function echo(pool: Pool, bytes: number, count: number): Promise<number> {
  let buffer = new Uint8Array(bytes);
  buffer[bytes - 1] = 7;
  const start = performance.now();
  for (let n = 0; n < count; n++) buffer = (await pool.call(buffer)) as typeof buffer;
  const elapsed = performance.now() - start;
  if (buffer.byteLength !== bytes || buffer[bytes - 1] !== 7) throw new RangeError("Wrong echo");
  return (elapsed * 1000) / count;
}
