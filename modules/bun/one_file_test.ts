// Tests pools in programs that Bun has built into one file: what they need to work there, and what is said without it.

import { afterAll, test } from "bun:test";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poll } from "deno-std/async/poll.js";
import { moveAway, OneFileJudge, REFUSED, writeOneFile } from "../testing/fixtures/one_file.ts";

const folder = mkdtempSync(join(tmpdir(), "futures-one-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const log = join(folder, "log");
const judge = new OneFileJudge(log, run);
const here = (name: string) => Bun.fileURLToPath(new URL(name, import.meta.url));

const EXECUTORS = ["ThreadPoolExecutor", "ProcessPoolExecutor"] as const;

/** Ways to build it, and what each executor says there without a worker. */
const BUILDS = [
  { way: "--compile", flags: ["--compile"], processes: REFUSED.single },
  {
    way: "--compile --bytecode",
    flags: ["--compile", "--bytecode", "--format=cjs"],
    processes: REFUSED.single,
  },
  { way: "--target=bun", flags: ["--target=bun"], processes: REFUSED.bundled },
];

/** The executable, for one test more. */
let executable: () => string[] = () => [];

for (const { way, flags, processes } of BUILDS) {
  const isExecutable = flags.includes("--compile");
  const program = lazily(() => {
    const sources = join(folder, "sources");
    const source = writeOneFile({
      folder: sources,
      log,
      library: here("../../mod.ts"),
      entry: here("./mod.ts"),
      worker: here("./worker.ts"),
    });
    const built = join(folder, "built.js");
    run(process.execPath, "build", ...flags, source, "--outfile", built);
    rmSync(sources, { recursive: true });
    return [...(isExecutable ? [] : [process.execPath]), moveAway(built)];
  });

  if (isExecutable) executable = program;

  for (const executor of EXECUTORS) {
    test(`${executor} works in a program built by ${way} that may be its own worker`, () => {
      judge.assertWorks(program(), executor);
    }, 60_000);

    // Bytecode remembers where its sources were, and so a thread finds its entry, here.
    if (executor === "ThreadPoolExecutor" && way.includes("bytecode")) continue;
    test(`${executor} in a program built by ${way} breaks with one clear error, and starts nothing`, () => {
      const expected = executor === "ProcessPoolExecutor" ? processes : REFUSED.bundled;
      judge.assertSays(expected, program(), executor);
    }, 60_000);
  }
}

test.skipIf(!["/usr/bin/setpriv", "/bin/setpriv"].some(existsSync))(
  "no worker of an executable outlives it, however busy (where the kernel sees to it)",
  async () => {
    const host = Bun.spawn([...executable(), "ProcessPoolExecutor", "hang"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const told = (await host.stdout.getReader().read()).value;
    const [, pid = ""] = /^process (\d+)\n$/.exec(new TextDecoder().decode(told)) ?? [];
    assert.notEqual(pid, "");
    host.kill("SIGKILL");
    await poll(
      () => existsSync(`/proc/${pid}`),
      (isThere) => !isThere,
      { interval: 10 },
    );
    await host.exited;
    assert.equal(host.signalCode, "SIGKILL");
  },
  60_000,
);

/** Makes it when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function run(...cmd: string[]): { stdout: string; stderr: string } {
  const { stdout, stderr, exitCode, signalCode } = Bun.spawnSync({
    cmd,
    cwd: folder,
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  assert.deepEqual(
    { exitCode, signalCode: signalCode ?? null },
    { exitCode: 0, signalCode: null },
    `${stderr}`,
  );
  return { stdout: `${stdout}`, stderr: `${stderr}` };
}
