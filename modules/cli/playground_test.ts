// futures playground, started for real.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { until, Workshop } from "./fixture.ts";

Deno.test("futures playground starts it from anywhere, with its page, and ends by Ctrl-C", async () => {
  using workshop = new Workshop();
  const command = workshop.start("Deno", ["playground", "--port", "0"]);
  await until(() => command.stdout.includes("Ctrl-C"), "its address");
  const [address = ""] = /http:\S+/.exec(command.stdout) ?? [];
  for (const path of ["", "main.js", "healthz"]) {
    const answer = await fetch(new URL(path, address));
    assert.equal(answer.status, 200, path);
    await answer.body?.cancel();
  }
  command.kill("SIGINT");
  assert.equal((await command.ended).code, 0);
  assert.equal(existsSync(workshop.path("temp")), false);
});
