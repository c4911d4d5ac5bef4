// What the suite cannot see of Deno's processes: permissions, who may speak for a worker, orphans without the kernel's help.

import assert from "node:assert/strict";
import { importTasks, WorkerLostError } from "@concurrent/futures";
import { ProcessPoolExecutor } from "@concurrent/futures/deno";
import { collectGarbage } from "../testing/collect_garbage.ts";
import { WORKER_MARK } from "../workers/worker_mark.ts";
import { permissionFlags } from "./process_permissions.ts";
import { spawnProcess } from "./spawn_process.ts";

const deeds = importTasks<typeof import("./conformance/deeds.ts")>(
  new URL("./conformance/deeds.ts", import.meta.url),
);

Deno.test('permissions: "none" loads the task\'s module and what it imports, and allows nothing else', async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1, permissions: "none" });
  assert.deepEqual(await pool.submit(deeds.statesOfPermissions), {
    env: "denied",
    ffi: "denied",
    net: "denied",
    read: "denied",
    run: "denied",
    sys: "denied",
    write: "denied",
  });
  const error = await pool.submit(deeds.readFile, "deno.json").exception();
  assert.match(String(error), /NotCapable: Requires read access/);
});

Deno.test("a restricted worker that cannot load what is named later makes place for one that can", async () => {
  const folder = Deno.makeTempDirSync();
  const name = (file: string) => {
    Deno.writeTextFileSync(`${folder}/${file}`, "export const pid = () => Deno.pid;");
    return importTasks<{ pid(): number }>(`file://${folder}/${file}`);
  };
  try {
    for (const maxWorkers of [1, 2]) {
      await using pool = new ProcessPoolExecutor({ maxWorkers, permissions: "none" });
      const early = name(`early_${maxWorkers}.js`);
      const pids = new Set([await pool.submit(early.pid)]);
      const late = name(`late_${maxWorkers}.js`);
      pids.add(await pool.submit(late.pid));
      assert.equal(pids.size, 2);
      // Those that were named are shown to each that starts.
      for (const { pid } of [early, late, early, late]) pids.add(await pool.submit(pid));
      assert.equal(pids.size, 2);
      assert.equal(pool.stats().lost, 0);
    }
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1, permissions: { read: [folder] } });
    const pid = await pool.submit(name("read.js").pid);
    assert.equal(await pool.submit(name("read_late.js").pid), pid, "it may read it");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("permissions: a record allows what it lists and no more", async () => {
  await using pool = new ProcessPoolExecutor({
    maxWorkers: 1,
    permissions: { read: [new URL("../../deno.json", import.meta.url)], env: "inherit" },
  });
  const path = new URL("../../deno.json", import.meta.url).pathname;
  assert.match(await pool.submit(deeds.readFile, path), /@concurrent\/futures/);
  assert.match(String(await pool.submit(deeds.readFile, "LICENSE").exception()), /NotCapable/);
  const states = await pool.submit(deeds.statesOfPermissions);
  assert.deepEqual([states.env, states.net, states.run], ["granted", "denied", "denied"]);
});

Deno.test('permissions: "inherit" passes on what this program has, and not what it has not', async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const states = await pool.submit(deeds.statesOfPermissions);
  for (const [kind, state] of Object.entries(states)) {
    const own = Deno.permissions.querySync({ name: kind as Deno.PermissionName });
    assert.equal(state === "granted", own.state === "granted" && !own.partial, kind);
  }
});

Deno.test("permissions refuse what is none, and what this program has not got itself", () => {
  const wrong: unknown[] = [
    "all",
    null,
    7,
    { disk: true },
    { read: "a" },
    { read: [1] },
    { net: ["a,b"] },
  ];
  for (const permissions of wrong)
    assert.throws(() => permissionFlags(permissions as never), TypeError, String(permissions));
  assert.throws(() => permissionFlags({ net: true }), Deno.errors.NotCapable);
  assert.throws(() => permissionFlags({ net: ["example.com"] }), Deno.errors.NotCapable);
});

Deno.test("no permissions are flags too: Deno's child_process must not add its own", () => {
  for (const permissions of ["none", {}, { read: [] }] as const)
    assert.ok(permissionFlags(permissions).includes("--deny-run"));
});

Deno.test("a task that writes to its worker's pipe is no worker: it is ended, and its task is lost", async () => {
  await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
  const error = await pool.submit(deeds.forge).exception();
  assert(error instanceof WorkerLostError);
  assert.match((error.cause as Error).message, /does not begin with the worker's key/);
  assert.equal(await pool.submit(deeds.double, 21), 42);
});

Deno.test("a result that is larger than any pipe arrives although its worker exits or is killed at once", async () => {
  for (const permissions of ["none", "inherit"] as const) {
    await using pool = new ProcessPoolExecutor({
      maxWorkers: 1,
      permissions,
      maxTasksPerWorker: 1,
    });
    assert.equal((await pool.submit(deeds.bytes, 5_000_000)).length, 5_000_000);
    const long = await pool.submit(deeds.bytesThenKill, 3_000_000);
    assert.equal(long.length, 3_000_000);
  }
});

Deno.test("what a task prints is its own, and no message", async () => {
  const script = new URL("./conformance/deeds.ts", import.meta.url).href;
  const program = `
    import { importTasks } from "@concurrent/futures";
    import { ProcessPoolExecutor } from "@concurrent/futures/deno";
    const { print } = importTasks(${JSON.stringify(script)});
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    await pool.submit(print, "from the task");
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", program],
    cwd: new URL("../..", import.meta.url).pathname,
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "from the task\n");
});

Deno.test("where the kernel does not help, a busy process ends itself when its host is gone", async () => {
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  // As spawn_process.ts does without setpriv: the main module is told whose child it is.
  const program = `
    import { linkProcess } from ${at("../workers/processes/link_process.ts")};
    const command = [Deno.execPath(), "run", "--quiet", "--allow-read", "--config=deno.json", ${at("./process_main.ts")}, "${WORKER_MARK}", String(Deno.pid)];
    const channel = linkProcess({ command }, { onMessage() {}, onExit() {} });
    channel.send({ kind: "start", worker: { id: 0, name: "Orphan" } });
    const define = [{ module: ${at("./conformance/deeds.ts")}, export: "sayAndSpin" }];
    channel.send({ kind: "run", first: 0, define, runs: [{ task: 0, id: 0, count: 1, arity: 0, args: [] }] });
    setInterval(() => {}, 60_000);
  `;
  const host = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", program],
    cwd: new URL("../..", import.meta.url).pathname,
    stdout: "piped",
  }).spawn();
  const reader = host.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const pid = Number((await reader.read()).value);
  assert.ok(pid > 0);
  host.kill("SIGKILL");
  await host.status;
  // Its standard output is the host's: it is closed when the last of the two is gone.
  while (!(await reader.read()).done);
});

Deno.test("nothing is kept of a process that has ended", async () => {
  const spawn = spawnProcess({ env: undefined, cwd: undefined, permissions: [] });
  const WORKERS = 12;
  /** Starts one and stops it; all of it refers to its handlers. */
  const startAndStop = async (id: number): Promise<WeakRef<object>> => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const handlers = { onMessage() {}, onExit: () => resolve() };
    const worker = { id, name: `worker ${id}` };
    const channel = spawn(handlers, worker);
    channel.send({ kind: "start", worker });
    channel.send({ kind: "stop" });
    await ended;
    return new WeakRef(handlers);
  };
  // Nothing of a worker keeps a program alive.
  const alive = setInterval(() => {}, 1000);
  const handlers = await Promise.all(Array.from({ length: WORKERS }, (_, id) => startAndStop(id)));
  clearInterval(alive);
  const left = () => handlers.filter((kept) => kept.deref() !== undefined).length;
  // What was used last may lie on the stack, or wait for a second collection.
  for (let round = 0; round < 20 && left() > 1; round++) await collectGarbage();
  assert.ok(left() <= 1, `${left()} of ${WORKERS} are left`);
});
