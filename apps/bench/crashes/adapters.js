// Each library's pool of so many threads, by one face: how a task is run, and how one is cancelled, where that can be.

import { Worker } from "node:worker_threads";

const here = (file) => new URL(file, import.meta.url);

/** As those name it who cancel by a signal. */
function bySignal(run) {
  const aborts = new WeakMap();
  return {
    run(name, argument) {
      const abort = new AbortController();
      const running = run(name, argument, abort.signal);
      aborts.set(running, abort);
      return running;
    },
    cancel: (running) => aborts.get(running).abort(),
  };
}

function likePiscina(library, options = {}) {
  return async (workers) => {
    const { default: Pool } = await import(library);
    const pool = new Pool({
      filename: here("tasks.js").href,
      minThreads: workers,
      maxThreads: workers,
      // With its default, tinypool sleeps through tasks on Deno.
      ...(library === "tinypool" && "Deno" in globalThis ? { useAtomics: false } : {}),
      ...options,
    });
    return bySignal((name, argument, signal) => pool.run(argument, { name, signal }));
  };
}

export const ADAPTERS = {
  async "@concurrent/futures"(maxWorkers) {
    const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
    const { importTasks } = await import("@concurrent/futures");
    const { ThreadPoolExecutor } = await import(`@concurrent/futures/${runtime}`);
    const tasks = importTasks(here("tasks.js"));
    const pool = new ThreadPoolExecutor({ maxWorkers, onError() {} });
    return {
      run: (name, argument) => pool.submit(tasks[name], argument),
      cancel: (future) => future.cancel({ interrupt: true }),
    };
  },
  piscina: likePiscina("piscina"),
  tinypool: likePiscina("tinypool"),
  "tinypool child_process": likePiscina("tinypool", { runtime: "child_process" }),
  async workerpool(workers) {
    const { default: workerpool } = await import("workerpool");
    const pool = workerpool.pool(here("workerpool_main.js").pathname, {
      minWorkers: workers,
      maxWorkers: workers,
      workerType: "thread",
    });
    return {
      run: (name, argument) => pool.exec(name, [argument]),
      cancel: (running) => running.cancel(),
    };
  },
  async poolifier(workers) {
    const { FixedThreadPool } = await import("poolifier");
    const pool = new FixedThreadPool(workers, here("poolifier_main.js").pathname, {
      errorHandler() {},
    });
    return bySignal((name, argument, signal) => pool.execute(argument, name, signal));
  },
  async comlink(workers) {
    const { wrap } = await import("comlink");
    const { default: nodeEndpoint } = await import("comlink/dist/esm/node-adapter.mjs");
    const all = Array.from({ length: workers }, () => {
      const worker = new Worker(here("comlink_main.js"));
      worker.on("error", () => {});
      return wrap(nodeEndpoint(worker));
    });
    let next = 0;
    // It has no queue and cancels nothing: calls go to one worker after the other.
    return { run: (name, argument) => all[next++ % workers][name](argument) };
  },
};
