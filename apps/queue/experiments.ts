// What there is to break of a queue: an agent, and the server.

import { setTimeout as pause } from "node:timers/promises";
import type { RedisServer } from "../../scripts/redis_server.ts";
import type { Experiment } from "../playground/trials.ts";
import type { Agents } from "./agents.ts";

/** How long the server hangs, in ms. */
const HANG_MS = 3_000;

/** So many naps are under way meanwhile. */
const NAPS = { kind: "sleep", parameters: { ms: 400 }, count: 24, executor: "queue" } as const;

/** Gives the experiments over one server and its agents. */
export function experimentsOf(server: RedisServer, agents: Agents): Experiment[] {
  return [
    {
      ...NAPS,
      name: "agent",
      title: "Kill an agent",
      expect:
        "What it had begun is found within forty seconds, and runs again on another one, for these jobs may. None is lost.",
      retries: 3,
      strike: () => Promise.resolve(agents.kill()),
    },
    {
      ...NAPS,
      name: "server",
      title: "Pause the server",
      expect: "For three seconds nothing begins and nothing ends. Then all of them finish.",
      retries: 3,
      async strike() {
        server.freeze();
        await pause(HANG_MS);
        server.thaw();
      },
    },
  ];
}
