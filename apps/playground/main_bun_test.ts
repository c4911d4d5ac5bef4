// Tests of the playground as Bun starts it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ON_BUN } from "./on_bun.ts";
import { testStartedServer } from "./started_server.ts";

testStartedServer(ON_BUN);

test("--allow-code is refused at the start, for there is no sandbox", () => {
  const { command, args } = ON_BUN;
  const options = ["--port", "0", "--memory", "--allow-code"];
  const { status, stderr } = spawnSync(command, [...args, ...options], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /^Cannot start playground: --allow-code needs the sandbox.*Deno only.*\n$/);
});
