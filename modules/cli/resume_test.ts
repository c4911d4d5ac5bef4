// --joblog and --resume: whoever kills the command at any moment loses nothing, and repeats at most what was running.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { RUNTIMES, sideBySide, Workshop } from "./fixture.ts";

/** How often the command is killed. The long form is 200: FUTURES_KILLS=200. */
const KILLS = Number(process.env.FUTURES_KILLS ?? 6);

/** How many run at once. */
const JOBS = 3;

Deno.test("--joblog and --resume", async (test) => {
  const runtimes = Object.keys(RUNTIMES);
  await sideBySide(test, {
    ...Object.fromEntries(
      runtimes.map((runtime, at) => [
        `go on after any kill on ${runtime}`,
        () => killAndResume(runtime, at),
      ]),
    ),

    async "know arguments and not numbers, and run failed ones only by --resume-failed"() {
      using workshop = new Workshop();
      const log = workshop.path("log.tsv");
      const run = (flags: string[], items: string[]) =>
        workshop.run("Deno", [
          "map",
          "./jobs.ts#reject",
          "--joblog",
          log,
          ...flags,
          "--keep-order",
          ":::",
          ...items,
        ]);
      assert.equal((await run([], ["a", "bad", "b", "b"])).code, 1);
      const [header = "", ...lines] = readFileSync(log, "utf8").trim().split("\n");
      assert.equal(
        header,
        "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\tHash",
      );
      assert.deepEqual(
        lines.map((line) => line.split("\t")[8]).sort(),
        ["a", "b", "b", "bad"].map((item) => `./jobs.ts#reject ${item}`).sort(),
      );
      const resumed = await run(["--resume"], ["b", "b", "b", "new", "bad", "a"]);
      assert.deepEqual([resumed.code, resumed.stdout], [0, "b\nnew\n"]);
      assert.match(resumed.stderr, /4 done before/);
      assert.equal((await run(["--resume-failed"], ["bad", "a"])).code, 1);
    },

    async "pass over a line that was cut off"() {
      using workshop = new Workshop();
      const log = workshop.path("log.tsv");
      const run = (...items: string[]) =>
        workshop.run("Deno", ["run", "--joblog", log, "--resume", "echo {}", ":::", ...items]);
      await run("a");
      writeFileSync(log, `${readFileSync(log, "utf8")}2\t:\t17`);
      assert.equal((await run("a", "b")).stdout, "b\n");
      assert.equal((await run("a", "b", "c")).stdout, "c\n");
    },
  });
});

async function killAndResume(runtime: string, seed: number): Promise<void> {
  using workshop = new Workshop();
  const [log, done] = [workshop.path("log.tsv"), workshop.path("done")];
  const kills = Math.ceil(KILLS / 3);
  const all = Array.from({ length: 40 + 8 * kills }, (_, index) => `job ${index}`);
  // It is noted when a job begins: so each job more than once has been cut off.
  const job = `echo {} >> ${done}; sleep 0.02; echo {}`;
  const args = ["run", "--jobs", String(JOBS), "--joblog", log, "--resume", job];
  let printed = "";
  let random = 7 + seed;
  for (let kill = 0; kill < kills; kill++) {
    const before = logged(log);
    const command = workshop.start(runtime, args);
    command.child.stdin?.on("error", () => {});
    command.child.stdin?.end(`${all.join("\n")}\n`);
    // Some jobs on from here, and then at any moment of the next.
    random = (random * 48271) % 2147483647;
    const ended = command.ended.then(() => true);
    while (
      logged(log) < before + 1 + (random % 5) &&
      !(await Promise.race([ended, pause(2, false)]))
    );
    await pause(random % 25);
    command.kill("SIGKILL");
    printed += (await command.ended).stdout;
  }
  const { code, stdout } = await workshop.run(runtime, args, { stdin: `${all.join("\n")}\n` });
  printed += stdout;
  assert.equal(code, 0);
  const begun = readFileSync(done, "utf8").trim().split("\n");
  assert.deepEqual([...new Set(begun)].sort(), [...all].sort());
  assert.deepEqual([...new Set(printed.trim().split("\n"))].sort(), [...all].sort());
  assert.ok(
    begun.length <= all.length + kills * JOBS,
    `${begun.length} begun of ${all.length} by ${kills} kills`,
  );
}

function logged(log: string): number {
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 2 : 0;
}
