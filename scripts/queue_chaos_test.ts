// A short run of the queue's chaos, for every day.

import assert from "node:assert/strict";
import { playChaos } from "./queue_chaos.ts";

Deno.test({
  name: "Q18 agents and the server are killed, and no call is lost, settled twice, run too often or told a false verdict",
  // It talks to other processes, and what they hold open is theirs.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    // On a slow machine little is killed in a time, and little done: then it is played for longer. Wrong may never be anything.
    for (let ms = 9_000; ; ms *= 3) {
      const toll = await playChaos({ ms, every: 2_500, serverDeaths: 1 });
      assert.deepEqual(toll.wrong, []);
      const { agentDeaths, serverDeaths, values, cancelled } = toll;
      if (agentDeaths >= 2 && serverDeaths === 1 && values > 100 && cancelled > 10) return;
      assert(ms < 81_000, JSON.stringify(toll));
    }
  },
});
