// Tests of what is said to a program that lacks permissions: all that are missing at once, and the flags that give them.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SCRIPT = `
  import { importTasks } from "${new URL("../../mod.ts", import.meta.url)}";
  import * as pools from "${new URL("./mod.ts", import.meta.url)}";
  import * as sandbox from "${new URL("./sandbox/mod.ts", import.meta.url)}";
  const { double } = importTasks("data:text/javascript,export const double = (n) => 2 * n");
  const [name] = Deno.args;
  const pool = new { ...pools, ...sandbox }[name]({ maxWorkers: 1 });
  const error = await pool.submit(double, 21).exception();
  console.log(String(error?.message ?? "done"));
`;

/** A program that is no file finds no configuration by itself. */
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a program prints, and what it says when it fails. */
async function run(code: string, flags: string[], ...args: string[]): Promise<string> {
  const script = `data:application/javascript,${encodeURIComponent(code)}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", `--config=${CONFIG}`, ...flags, script, ...args],
    env: { NO_COLOR: "1" },
  });
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const CASES: readonly [executor: string, flags: string[], says: RegExp][] = [
  ["ThreadPoolExecutor", [], /Cannot start thread: .* no read access; run it with --allow-read$/m],
  ["ThreadPoolExecutor", ["--allow-read"], /^done$/m],
  [
    "ProcessPoolExecutor",
    [],
    /Cannot start process: .* no run and env access; run it with --allow-run --allow-env$/m,
  ],
  ["ProcessPoolExecutor", ["--allow-run"], /no env access; run it with --allow-env$/m],
  ["ProcessPoolExecutor", ["--allow-env"], /no run access; run it with --allow-run$/m],
  ["ProcessPoolExecutor", ["--allow-run", "--allow-env"], /^done$/m],
  [
    "Sandbox",
    ["--allow-read"],
    /Cannot create Sandbox: .* no run and env access; run it with --allow-run --allow-env=NODE_V8_COVERAGE$/m,
  ],
];

for (const [executor, flags, says] of CASES) {
  Deno.test(`${executor} with ${flags.join(" ") || "no permission"} says ${says.source}`, async () => {
    assert.match(await run(SCRIPT, flags, executor), says);
  });
}

Deno.test("permissions that a program has not got itself are named at once", async () => {
  const code = `
    import { ProcessPoolExecutor } from "${new URL("./mod.ts", import.meta.url)}";
    new ProcessPoolExecutor({ permissions: { net: ["example.com"], read: true, env: "inherit" } });
  `;
  assert.match(await run(code, []), /no net access to "example.com", and no read access itself/);
});
