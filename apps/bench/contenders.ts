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
  ...peers("deno"),

  ...ours("bun", "ProcessPoolExecutor", "adapters/processes_bun.ts"),
  ...naked("bun", "naked IPC", "adapters/naked_bun_ipc.ts").filter(
    // Its messages cannot be a BigInt.
    ({ only }) => !only?.includes("factorial"),
  ),
  ...peers("bun"),

  {
    name: "Python's ProcessPoolExecutor",
    kind: "peer",
    runtime: "python",
    module: "peers/python_futures.py",
    only: ["burst", "map", "round-trip", "factorial", "cold-start"],
  },
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
      name: `${name}, 256 per message, all workers`,
      kind: "other",
      runtime,
      module,
      variant: "batched spread",
      only: ["map"],
    },
    {
      name: `${name}, all workers`,
      kind: "other",
      runtime,
      module,
      variant: "spread",
      only: ["uneven", "cpu-bound"],
    },
    {
      name: `${name}, all workers`,
      kind: "other",
      runtime,
      module,
      variant: "spread",
      only: ["factorial"],
    },
  ];
}

/** All of them run on both runtimes, or say that they do not. */
function peers(runtime: Runtime): Contender[] {
  const peer = (name: string, file: string, kind: Kind = "peer"): Contender => ({
    name,
    kind,
    runtime,
    module: `peers/${file}.ts`,
    variant: name,
  });
  return [
    peer("piscina", "piscina"),
    peer("tinypool", "piscina"),
    peer("tinypool child_process", "piscina"),
    peer("poolifier", "poolifier"),
    peer("poolifier-web-worker", "poolifier"),
    peer("workerpool", "workerpool"),
    // It links, but does not queue.
    peer("comlink", "comlink", "other"),
  ];
}
