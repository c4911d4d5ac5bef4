// The table of contenders. To add one: an adapter of about twenty lines, and a row here.

import type { Kind, Runtime, WorkerKind } from "./scenario.ts";

/** One contender on one runtime. */
export interface Contender {
  readonly name: string;
  readonly kind: Kind;
  readonly runtime: Runtime;
  /** The adapter's module, beside this file. */
  readonly module: string;
  readonly variant?: string;
  /** What its workers are, where that decides whom it is compared with: ours, and the naked transports. */
  readonly workers?: WorkerKind;
  /** The scenarios it takes part in. Default: every one that its kind takes part in. */
  readonly only?: readonly string[];
}

/** Whether it is somebody else's library, which is installed when it is first needed. */
export function isForeign({ module }: Contender): boolean {
  return module.startsWith("peers/");
}

export const CONTENDERS: readonly Contender[] = [
  ...ours("deno", "threads", "adapters/threads_deno.ts"),
  ...nakedThreads("deno"),
  ...ours("deno", "processes", "adapters/processes_deno.ts"),
  ...nakedIpc("deno", "adapters/naked_node_ipc.ts"),
  ...peers("deno"),
  barePromises("deno"),
  ...loops("deno"),

  ...ours("bun", "threads", "adapters/threads_bun.ts"),
  ...nakedThreads("bun"),
  ...ours("bun", "processes", "adapters/processes_bun.ts"),
  ...nakedIpc("bun", "adapters/naked_bun_ipc.ts"),
  ...peers("bun"),
  barePromises("bun"),
  ...loops("bun"),

  {
    name: "Python's ProcessPoolExecutor",
    kind: "peer",
    runtime: "python",
    module: "peers/python_futures.py",
    only: ["burst", "map", "round-trip", "factorial", "cold-start"],
  },
];

function ours(runtime: Runtime, workers: WorkerKind, module: string): Contender[] {
  const name = workers === "threads" ? "ThreadPoolExecutor" : "ProcessPoolExecutor";
  return [
    { name, kind: "us", runtime, module, workers },
    {
      name: `${name}, waited for by wait()`,
      kind: "other",
      runtime,
      module,
      workers,
      variant: "wait",
      only: ["burst"],
    },
    {
      name: `${name}, awaited by Promise.all`,
      kind: "other",
      runtime,
      module,
      workers,
      variant: "all",
      only: ["burst"],
    },
  ];
}

function nakedThreads(runtime: Runtime): Contender[] {
  return [
    ...naked(runtime, "threads", "naked worker_threads", "adapters/naked_node_worker.ts"),
    ...naked(runtime, "threads", "naked Web Worker", "adapters/naked_web_worker.ts"),
  ];
}

function nakedIpc(runtime: Runtime, module: string): Contender[] {
  // Its messages cannot be a BigInt.
  return naked(runtime, "processes", "naked IPC", module).filter(
    ({ only }) => !only?.includes("factorial"),
  );
}

function naked(runtime: Runtime, workers: WorkerKind, name: string, module: string): Contender[] {
  const bare = { runtime, module, workers };
  return [
    { ...bare, name: `${name}, one at a time`, kind: "single" },
    { ...bare, name: `${name}, 256 in flight`, kind: "pipelined" },
    { ...bare, name: `${name}, 256 per message`, kind: "batched", variant: "batched" },
    {
      ...bare,
      name: `${name}, 256 per message, all workers`,
      kind: "other",
      variant: "batched spread",
      only: ["map"],
    },
    {
      ...bare,
      name: `${name}, all workers`,
      kind: "other",
      variant: "spread",
      only: ["uneven", "cpu-bound"],
    },
    {
      ...bare,
      name: `${name}, all workers`,
      kind: "other",
      variant: "spread",
      only: ["factorial"],
    },
  ];
}

/** The floor under a long queue: no pool keeps a promise for each call for less. */
function barePromises(runtime: Runtime): Contender {
  const module = "adapters/bare_promises.ts";
  return { name: "bare promises, no workers", kind: "other", runtime, module, only: ["queue"] };
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

/** Ours without workers, and the libraries that limit how many functions run at once. */
function loops(runtime: Runtime): Contender[] {
  const loop = { runtime, workers: "loop" } as const;
  return [
    { ...loop, name: "EventLoopExecutor", kind: "us", module: "adapters/event_loop.ts" },
    ...["p-limit", "p-map", "p-queue"].map(
      (name): Contender => ({
        ...loop,
        name,
        kind: "peer",
        module: "peers/limiters.ts",
        variant: name,
      }),
    ),
  ];
}
