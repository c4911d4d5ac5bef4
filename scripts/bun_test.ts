// Tests of the launcher: Bun's exit code, arguments and signals pass through it, and its absence is one clear line.

import assert from "node:assert/strict";

function launch(args: string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-run", "--allow-env=BUN", "scripts/bun.ts", ...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("bun.ts passes arguments and ends with Bun's exit code", async () => {
  const code = "console.log(process.argv.at(-1), typeof Bun); process.exit(7)";
  const { code: exitCode, stdout } = await launch(["-e", code, "--", "a b"]).output();
  assert.equal(new TextDecoder().decode(stdout), "a b object\n");
  assert.equal(exitCode, 7);
});

Deno.test({
  name: "bun.ts passes SIGTERM on",
  ignore: Deno.build.os === "windows",
  async fn() {
    const code =
      "process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1000)";
    const launcher = launch(["-e", code]);
    const reader = launcher.stdout.getReader();
    await reader.read();
    launcher.kill("SIGTERM");
    reader.releaseLock();
    assert.equal((await launcher.output()).code, 3);
  },
});

Deno.test("bun.ts names a binary that cannot be started", async () => {
  const { code, stderr } = await launch(["--version"], { BUN: "/nowhere/bun" }).output();
  assert.match(new TextDecoder().decode(stderr), /^[^\n]*\/nowhere\/bun[^\n]*\n$/);
  assert.equal(code, 1);
});
