// Hostile code in the sandbox: each piece is refused or ended, and its neighbours go on. And why a thread is no such cell.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TimeoutError, WorkerLostError } from "@concurrent/futures";
import { Sandbox, type SandboxResult } from "@concurrent/futures/deno/sandbox";

const CANARY = "canary-5e1f3c";
const MINUTE_MS = 60_000;
const HONEST = "export default (n: number) => { console.log('neighbour'); return n * n; }";

/** What must become of a piece of code. */
type Verdict = "denied" | "lost" | "late" | RegExp;

/** Places are filled in: `FILE` has the canary, `PORT` is one somebody listens at. */
const HOSTILE: readonly [deed: string, verdict: Verdict, code: string][] = [
  ["reads a file", "denied", `export default () => Deno.readTextFileSync("FILE")`],
  [
    "reads a file by node:fs",
    "denied",
    `import fs from "node:fs"; export default () => fs.readFileSync("FILE", "utf8")`,
  ],
  ["reads /proc", "denied", `export default () => Deno.readTextFileSync("/proc/self/environ")`],
  [
    "lists a folder",
    "denied",
    `export default () => [...Deno.readDirSync("/")].map(({ name }) => name)`,
  ],
  ["writes a file", "denied", `export default () => Deno.writeTextFileSync("FILE", "owned")`],
  [
    "imports a file",
    /Requires read access/,
    `import * as found from "file://FILE"; export default () => found`,
  ],
  [
    "imports a file as text",
    /read access|not supported|Unsupported/,
    `import found from "file://FILE" with { type: "text" }; export default () => found`,
  ],
  [
    "imports a file by a computed name",
    /Requires read access/,
    `export default () => import("file:" + "//FILE")`,
  ],
  [
    "imports from the network",
    /no-remote|Requires import access/,
    `export default () => import("http://127.0.0.1:PORT/x.js")`,
  ],
  ["imports a package", /no-npm|npm specifiers/, `export default () => import("npm:" + "hono")`],
  [
    "calls a server on this machine",
    "denied",
    `export default async () => (await fetch("http://127.0.0.1:PORT/")).text()`,
  ],
  [
    "opens a socket to this machine",
    "denied",
    `export default () => Deno.connect({ port: PORT, hostname: "127.0.0.1" })`,
  ],
  [
    "opens a socket outside",
    "denied",
    `export default () => Deno.connect({ port: 53, hostname: "192.0.2.1" })`,
  ],
  [
    "listens",
    "denied",
    `export default () => Deno.listen({ port: 0, hostname: "127.0.0.1" }).addr`,
  ],
  ["starts a program", "denied", `export default () => new Deno.Command("/bin/sh").outputSync()`],
  [
    "starts a program by node:child_process",
    "denied",
    `import { execFileSync } from "node:child_process"; export default () => execFileSync("/bin/sh")`,
  ],
  ["reads the environment", "denied", `export default () => Deno.env.toObject()`],
  [
    "reads the environment by node:process",
    "denied",
    `import process from "node:process"; export default () => ({ ...process.env })`,
  ],
  ["asks about the machine", "denied", `export default () => Deno.hostname()`],
  ["loads a library", "denied", `export default () => Deno.dlopen("/lib/libc.so.6", {})`],
  [
    "asks for more",
    /^no: denied$/,
    `export default async () => { const { state } = await Deno.permissions.request({ name: "read" }); throw "no: " + state; }`,
  ],
  [
    "signals its host",
    "denied",
    `import process from "node:process"; export default () => process.kill(process.ppid, "SIGKILL")`,
  ],
  ["kills itself", "lost", `export default () => Deno.kill(Deno.pid, "SIGKILL")`],
  ["exits", "lost", `export default () => Deno.exit(0)`],
  ["spins", "late", `export default () => { for (;;); }`],
  ["spins while it is loaded", "late", `for (;;);`],
  ["waits for ever", "late", `export default () => new Promise(() => {})`],
  [
    "fills the heap",
    "lost",
    `export default () => { for (const all = []; ; ) all.push(new Array(1e5).fill({})); }`,
  ],
  [
    "fills memory outside the heap",
    /allocation failed|WorkerLost/,
    `export default () => { for (const all = []; ; ) all.push(new Uint8Array(1e8).fill(1)); }`,
  ],
  [
    "floods its output",
    "lost",
    `export default () => { for (;;) console.log("x".repeat(1_000)); }`,
  ],
  [
    "floods its error output",
    "lost",
    `export default () => { for (;;) console.error("x".repeat(1_000)); }`,
  ],
  ["returns too much", "lost", `export default () => new Uint8Array(4e6)`],
  [
    "writes garbage to the link",
    "lost",
    `import { writeSync } from "node:fs"; export default () => { writeSync(4, new Uint8Array(64).fill(7)); for (;;); }`,
  ],
  [
    "announces a message without end",
    "lost",
    `import { writeSync } from "node:fs"; export default () => { const much = new Uint8Array(65_536).fill(255); for (;;) writeSync(4, much); }`,
  ],
  ["returns what cannot be cloned", /DataCloneError/, `export default () => () => 1`],
  [
    "throws what lies about itself",
    /./,
    `export default () => { throw new Proxy(new Error(), { get() { throw new Error("trap"); } }); }`,
  ],
  ["is no module", /SyntaxError|Expression expected/, `export default (`],
  ["has nothing to call", /no default export/, `export const x = 1`],
];

Deno.test("hostile code is refused or ended, each piece for itself, and its neighbours go on", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `export const secret = "${CANARY}";`);
  Deno.env.set("SANDBOX_CANARY", CANARY);
  let calls = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    calls++;
    return new Response(CANARY);
  });
  try {
    await using sandbox = new Sandbox({ maxWorkers: 2, timeout: MINUTE_MS });
    // Only for code that must be late: nothing else depends on how fast this machine is.
    await using hasty = new Sandbox({ maxWorkers: 1, timeout: 300 });
    const fill = (code: string) =>
      code.replaceAll("FILE", file).replaceAll("PORT", String(server.addr.port));
    const results = HOSTILE.map(async ([deed, verdict, code]) => {
      const [result, neighbour] = await Promise.all([
        (verdict === "late" ? hasty : sandbox).run(fill(code)),
        sandbox.run(HONEST, 7),
      ]);
      assertVerdict(result, verdict, deed);
      assert.ok(!`${Deno.inspect(result)}`.includes(CANARY), `${deed}: it saw the secret`);
      assert.deepEqual(
        neighbour,
        { ok: true, value: 49, output: "neighbour\n" },
        `beside "${deed}"`,
      );
    });
    await Promise.all(results);
    assert.equal(calls, 0, "nobody reached the server");
    assert.equal(await Deno.readTextFile(file), `export const secret = "${CANARY}";`);
  } finally {
    await server.shutdown();
    Deno.env.delete("SANDBOX_CANARY");
    await Deno.remove(file);
  }
});

Deno.test("run() hands arguments in, and value and output out", async () => {
  await using sandbox = new Sandbox({ maxWorkers: 1, timeout: MINUTE_MS });
  const code = `export default async function (list: number[], { by }: { by: number }) {
    console.log("one"); console.error("two");
    return new Map([["product", list.map((n) => n * by)]]);
  }`;
  const result = await sandbox.run(code, [1, 2], { by: 3 });
  assert.ok(result.ok);
  assert.deepEqual(result.value, new Map([["product", [3, 6]]]));
  assert.deepEqual(result.output.trim().split("\n").sort(), ["one", "two"]);
});

Deno.test("code leaves nothing behind for the next: each piece has a process of its own", async () => {
  await using sandbox = new Sandbox({ maxWorkers: 1, timeout: MINUTE_MS });
  const code = `export default () => { const seen = globalThis.left; globalThis.left = Deno.pid; return [seen, Deno.pid]; }`;
  const [first, second] = [await sandbox.run(code), await sandbox.run(code)];
  assert.ok(first.ok && second.ok);
  const [[, pid], [seen, next]] = [first.value, second.value] as [number[], number[]];
  assert.equal(seen, undefined);
  assert.notEqual(pid, next);
});

Deno.test("maxOutput keeps what was printed up to it", async () => {
  await using sandbox = new Sandbox({ maxWorkers: 1, timeout: MINUTE_MS, maxOutput: 100 });
  const result = await sandbox.run(`export default () => { for (;;) console.log("abc"); }`);
  assert.ok(!result.ok);
  assert.equal(result.output.length, 100);
  assert.match(String((result.error as Error).cause), /more than 100 bytes were printed/);
});

Deno.test("close() ends what runs; what comes then is refused", async () => {
  const sandbox = new Sandbox({ maxWorkers: 1, timeout: MINUTE_MS });
  const spinning = sandbox.run("export default () => { for (;;); }");
  await sandbox.close();
  const result = await spinning;
  assert.ok(!result.ok && (result.error as Error).name === "CancelledError");
  await assert.rejects(sandbox.run(HONEST, 1), { name: "ShutdownError" });
});

Deno.test("a sandbox refuses options that are none, and code that is no text", async () => {
  const counts = ["maxWorkers", "heap", "memory", "maxOutput", "maxResult"];
  for (const option of [...counts, "timeout"]) {
    for (const wrong of [0, -1])
      assert.throws(() => new Sandbox({ [option]: wrong }), { name: "RangeError" });
    assert.throws(() => new Sandbox({ [option]: "1" }), { name: "TypeError" });
  }
  for (const option of [...counts, "maxQueue"]) {
    for (const wrong of [1.5, Number.NaN])
      assert.throws(() => new Sandbox({ [option]: wrong }), { name: "TypeError" });
  }
  // The runtime and the system are told them by words that must be numbers.
  for (const option of ["timeout", "heap", "memory"])
    assert.throws(() => new Sandbox({ [option]: Number.POSITIVE_INFINITY }), RangeError);
  assert.throws(() => new Sandbox({ timeout: Number.NaN }), RangeError);
  await using sandbox = new Sandbox();
  await assert.rejects(sandbox.run(7 as never), TypeError);
});

// Why it takes a process: what a Web Worker with no permission does to its program.

Deno.test('a thread with permissions "none" imports files of its program by a literal name', async () => {
  const { stdout } = await runThread(`
    const { default: found } = await import("${new URL("../../../deno.json", import.meta.url)}", { with: { type: "json" } });
    postMessage(found.name);
  `);
  assert.equal(stdout, "thread: @concurrent/futures\n");
});

Deno.test('a thread with permissions "none" ends its program', async () => {
  const { code, signal } = await runThread(`Deno.kill(Deno.pid, "SIGKILL");`);
  assert.deepEqual({ code, signal }, { code: 137, signal: "SIGKILL" });
});

Deno.test('a thread with permissions "none" takes its program along when its heap is full', async () => {
  const { stdout, success } = await runThread(
    `for (const all = []; ; ) all.push(new Array(1e5).fill({}));`,
    "--v8-flags=--max-old-space-size=64",
  );
  assert.deepEqual({ stdout, success }, { stdout: "", success: false });
});

/** Runs code in a Web Worker that may do nothing, in a program of its own. */
async function runThread(
  source: string,
  ...flags: string[]
): Promise<{ stdout: string; code: number; signal: string | null; success: boolean }> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/thread.js`, source);
  const program = `
    const worker = new Worker(${JSON.stringify(`file://${folder}/thread.js`)}, { type: "module", deno: { permissions: "none" } });
    worker.onmessage = ({ data }) => { console.log("thread: " + data); Deno.exit(0); };
    worker.onerror = (event) => { event.preventDefault(); console.log("error: " + event.message); Deno.exit(0); };
  `;
  await Deno.writeTextFile(`${folder}/program.js`, program);
  const { stdout, code, signal, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-prompt",
      "--allow-all",
      "--unstable-worker-options",
      ...flags,
      `${folder}/program.js`,
    ],
    stderr: "null",
  }).output();
  await Deno.remove(folder, { recursive: true });
  return { stdout: new TextDecoder().decode(stdout), code, signal, success };
}

function assertVerdict(result: SandboxResult, verdict: Verdict, deed: string): void {
  const told = `code that ${deed}: ${Deno.inspect(result)}`;
  assert.ok(!result.ok, told);
  switch (verdict) {
    case "denied":
      assert.equal((result.error as Error).name, "NotCapable", told);
      break;
    case "lost":
      assert.ok(result.error instanceof WorkerLostError, told);
      break;
    case "late":
      assert.ok(result.error instanceof TimeoutError, told);
      break;
    default:
      assert.match(String(result.error), verdict, told);
  }
}

const ALONE = Deno.uid() === 0 ? "-m" : "-rm";
const { success: mayMount } = new Deno.Command("unshare", { args: [ALONE, "true"] }).outputSync();

Deno.test({
  name: `a sandbox works where setpriv is that of BusyBox${mayMount ? "" : " (not applicable: nothing can be mounted here)"}`,
  ignore: !mayMount || !existsSync("/usr/bin/setpriv"),
  async fn() {
    const folder = Deno.makeTempDirSync();
    const alien = join(folder, "setpriv");
    Deno.writeTextFileSync(alien, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const program = `
      import { Sandbox } from ${JSON.stringify(new URL("./mod.ts", import.meta.url).href)};
      await using sandbox = new Sandbox({ timeout: 20_000 });
      console.log(await sandbox.run("export default (n: number) => 2 * n", 21));
    `;
    const mounts = `mount --bind ${alien} /usr/bin/setpriv && exec "$@"`;
    const { stdout, stderr } = await new Deno.Command("unshare", {
      args: [ALONE, "sh", "-c", mounts, "sh", Deno.execPath(), "eval", "--quiet", program],
      cwd: new URL("../../..", import.meta.url),
    }).output();
    const [printed, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(printed, '{ ok: true, value: 42, output: "" }\n', complaint ?? "");
    Deno.removeSync(folder, { recursive: true });
  },
});
