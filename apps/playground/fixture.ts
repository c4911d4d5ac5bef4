// What the playground's tests share: an app over an event loop, and a client that looks like one of its own.

import assert from "node:assert/strict";
import { EventLoopExecutor } from "@concurrent/futures";
import type { JobDetail, JobRow } from "../../modules/dashboard/contract.ts";
import { until } from "../../modules/dashboard/fixture.ts";
import { type App, type AppOptions, createApp } from "./app.ts";

export const HOST = "127.0.0.1:8000";

/** Longer than any test: a sleeping job of this length stands still until it is interrupted. */
export const FOREVER = 60_000;

export interface Fixture extends AsyncDisposable {
  app: App;
  loop: EventLoopExecutor;
  stop(): void;
  /** Asks as a client on this machine does; the answer is whatever it is. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Gets JSON that must be there. */
  get<T>(path: string): Promise<T>;
  /** Posts JSON; the answer is whatever it is. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Submits one job that must be taken. */
  submit(body: Record<string, unknown>): Promise<JobRow>;
  /** Waits until a job is in a state. */
  reach(id: string, state: string): Promise<JobDetail>;
}

/** Makes an app whose executor `loop` runs one job at a time, so that a second one waits. */
export function fixture(
  options: { maxQueue?: number; maxWorkers?: number } = {},
  appOptions: AppOptions = {},
): Fixture {
  const loop = new EventLoopExecutor({ name: "loop", maxWorkers: 1, ...options });
  const stopping = new AbortController();
  const app = createApp({ loop }, { signal: stopping.signal, ...appOptions });
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (!headers.has("host")) headers.set("host", HOST);
    return await app.request(`http://${HOST}${path}`, { ...init, headers });
  };
  const get = async <T>(path: string): Promise<T> => {
    const response = await ask(path);
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as T;
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return {
    app,
    loop,
    ask,
    get,
    post,
    stop: () => stopping.abort(),
    async submit(body) {
      const response = await post("/api/jobs", { executor: "loop", ...body });
      assert.equal(response.status, 202, await response.clone().text());
      const { jobs } = (await response.json()) as { jobs: JobRow[] };
      return jobs[0] as JobRow;
    },
    reach(id, state) {
      return until(async () => {
        const { job } = await get<{ job: JobDetail }>(`/api/jobs/${id}`);
        return job.state === state ? job : undefined;
      });
    },
    async [Symbol.asyncDispose]() {
      await loop.terminateWorkers();
      stopping.abort();
    },
  };
}
