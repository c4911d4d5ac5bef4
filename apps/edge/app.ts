// An edge service: asks several sources at once, and is bounded in every direction.
//
// One executor for all requests. So many loads run at once and so many wait, however many clients there are; a request
// has a deadline; and what a client who has gone away was waiting for is neither begun nor finished.

import {
  CancelledError,
  EventLoopExecutor,
  type Future,
  QueueFullError,
  task,
  taskContext,
} from "@concurrent/futures";
import { Hono } from "hono";

/** How much is allowed. */
export interface Limits {
  /** Loads that run at once, over all requests. */
  readonly loads: number;
  /** Loads that may wait; beyond that a request is sent away. */
  readonly waiting: number;
  /** Milliseconds a request may take. What is not there by then is left out of the answer. */
  readonly deadline: number;
}

/** The answer for one source. */
export interface Part {
  readonly source: string;
  readonly text?: string;
  /** Why there is none. */
  readonly problem?: string;
}

/** Fetches one source. Its signal aborts with the client, with the deadline, and with the executor. */
export const load = task(import.meta.url, async function load(address: string): Promise<string> {
  const { signal } = taskContext();
  const response = await fetch(address, { signal });
  if (!response.ok) throw new RangeError(`Cannot load: it answered ${response.status}`);
  return await response.text();
});

/**
 * Makes the service.
 *
 * @param sources addresses by name: a client names sources, it never gives an address.
 */
export function createApp(sources: ReadonlyMap<string, string>, limits: Limits) {
  const executor = new EventLoopExecutor({ maxWorkers: limits.loads, maxQueue: limits.waiting });

  const app = new Hono()
    .get("/stats", (context) => context.json(executor.stats()))
    .get("/pages", async (context) => {
      const names = context.req.queries("source") ?? [];
      const unknown = names.find((name) => !sources.has(name));
      if (unknown !== undefined) return context.json({ problem: `no source "${unknown}"` }, 400);
      // The request's signal aborts when the client goes away.
      const signal = AbortSignal.any([
        context.req.raw.signal,
        AbortSignal.timeout(limits.deadline),
      ]);
      const futures: Future<string>[] = [];
      try {
        for (const name of names)
          futures.push(executor.submit(load.with({ signal }), sources.get(name) as string));
      } catch (error) {
        for (const future of futures) future.cancel({ interrupt: true });
        if (!(error instanceof QueueFullError)) throw error;
        return context.json({ problem: "busy" }, 503, { "retry-after": "1" });
      }
      const parts = names.map((source, index) => partOf(source, futures[index] as Future<string>));
      return context.json({ parts: await Promise.all(parts) });
    });
  return { app, executor };
}

async function partOf(source: string, future: Future<string>): Promise<Part> {
  try {
    return { source, text: await future };
  } catch (error) {
    return { source, problem: error instanceof CancelledError ? "too late" : String(error) };
  }
}
