// A short run of the queue's chaos, for every day.

import assert from "node:assert/strict";
import { playChaos } from "./queue_chaos.ts";

Deno.test({
  name: "Q18 agents and the server are killed, and no call is lost, settled twice, run too often or told a false verdict",
  // It talks to other processes, and what they hold open is theirs.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const toll = await playChaos({ ms: 9_000, every: 2_500, serverDeaths: 1 });
    assert.deepEqual(toll.wrong, []);
    assert(toll.agentDeaths >= 2 && toll.serverDeaths === 1);
    assert(toll.values > 100 && toll.cancelled > 10, JSON.stringify(toll));
  },
});
