// The table of contenders. To add one: an adapter of about twenty lines, and a row here.

import type { Kind, Runtime } from "./scenario.ts";

/** One contender on one runtime. */
export interface Contender {
  readonly name: string;
  readonly kind: Kind;
  readonly runtime: Runtime;
  /** The adapter's module, beside this file. */
  readonly module: string;
  readonly variant?: string;
  /** The scenarios it takes part in. Default: every one that its kind takes part in. */
  readonly only?: readonly string[];
}

export const CONTENDERS: readonly Contender[] = [
  ...ours("deno", "ThreadPoolExecutor", "adapters/threads_deno.ts"),
  ...naked("deno", "naked worker_threads", "adapters/naked_node_worker.ts"),
  ...naked("deno", "naked Web Worker", "adapters/naked_web_worker.ts"),

  ...ours("bun", "ProcessPoolExecutor", "adapters/processes_bun.ts"),
  ...naked("bun", "naked IPC", "adapters/naked_bun_ipc.ts"),
];

function ours(runtime: Runtime, name: string, module: string): Contender[] {
  return [
    { name, kind: "us", runtime, module },
    {
      name: `${name}, waited for by wait()`,
      kind: "other",
      runtime,
      module,
      variant: "wait",
      only: ["burst"],
    },
  ];
}

function naked(runtime: Runtime, name: string, module: string): Contender[] {
  return [
    { name: `${name}, one at a time`, kind: "single", runtime, module },
    { name: `${name}, 256 in flight`, kind: "pipelined", runtime, module },
    { name: `${name}, 256 per message`, kind: "batched", runtime, module, variant: "batched" },
    {
      name: `${name}, 256 per message, 2 workers × 2 messages`,
      kind: "other",
      runtime,
      module,
      variant: "spread",
      only: ["map"],
    },
  ];
}
