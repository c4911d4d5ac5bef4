// The nine pairs: a submitter on each runtime over an agent on each, by the same trials.

import assert from "node:assert/strict";
import { Rig, type Runtime } from "./conformance/rig.ts";

const RUNTIMES: readonly Runtime[] = ["Deno", "Bun", "Node"];

Deno.test({
  name: "submitters on Deno, Bun and Node have the same of agents on Deno, Bun and Node",
  // It talks to other processes, and what they hold open is theirs.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using rig = await Rig.make();
    for (const agent of RUNTIMES) {
      await rig.agent(agent, { queue: agent });
      for (const submitter of RUNTIMES)
        await test.step(`${submitter} over ${agent}`, async () => {
          const options = { url: rig.server.url, queue: agent, file: submitter };
          const program = rig.start(submitter, "./smoke_submitter.ts", options);
          assert.deepEqual(await program.ended, [0, null], program.printed);
          assert.match(program.printed, /\nall 30\n$/);
        });
    }
  },
});
