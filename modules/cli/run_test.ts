// futures run from outside: shell commands, their outputs, their groups and every way of ending them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isThere, RUNTIMES, sideBySide, until, Workshop } from "./fixture.ts";

/** What depends on the runtime: how programs are started and ended, and how pipes close. */
const EVERYWHERE: Readonly<Record<string, (runtime: string, workshop: Workshop) => Promise<void>>> =
  {
    async "fills a command, keeps jobs' outputs apart and counts failures"(runtime, workshop) {
      const job = "echo {} {.} {/} {//} {/.} {#}; echo to {} >&2; test {#} != 2";
      const args = ["run", job, "-k", "-j2", ":::", "a/b.c", "it's"];
      const { code, stdout, stderr } = await workshop.run(runtime, args);
      assert.equal(stdout, "a/b.c a/b b.c a b 1\nit's it's it's . it's 2\n");
      assert.equal(code, 1);
      assert.match(stderr, /^to a\/b\.c$/m);
      assert.match(stderr, /it's: exit code 1 \(to it's\)/);
    },

    async "ends a job and all it has started when its time is over"(runtime, workshop) {
      const file = workshop.path("group");
      const job = `echo $$ > ${file}; sleep 600 & sleep 600; echo {}`;
      const { code, stderr } = await workshop.run(runtime, [
        "run",
        "--timeout",
        "2s",
        job,
        ":::",
        "x",
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /x: it ran longer than 2000 ms/);
      await groupEnds(file);
    },

    async "stops by one Ctrl-C, interrupts by two, and exits with 130"(runtime, workshop) {
      const { command, file } = await startDeaf(workshop, runtime);
      await command.interrupt(1);
      assert.match(command.stderr, /1 still running: first; Ctrl-C again interrupts/);
      assert.equal(isThere(groupOf(file)), true);
      command.kill("SIGINT");
      const { code, stdout } = await command.ended;
      assert.deepEqual([code, stdout], [130, ""]);
      await groupEnds(file);
    },

    async "ends the jobs when it is killed itself"(runtime, workshop) {
      const { command, file } = await startDeaf(workshop, runtime);
      command.kill("SIGKILL");
      await command.ended;
      await groupEnds(file);
    },

    async "ends quietly when nobody reads its results"(runtime, workshop) {
      const job = "echo {}; cat /dev/zero | head -c 100000";
      const command = workshop.start(runtime, ["run", "--no-progress", job]);
      const { stdin, stdout } = command.child;
      stdin?.on("error", () => {});
      const feed = setInterval(() => stdin?.write("more\n".repeat(100)), 10);
      try {
        await once(stdout as NodeJS.ReadableStream, "data");
        stdout?.destroy();
        const { code, stderr } = await command.ended;
        assert.deepEqual([code, stderr], [141, ""]);
      } finally {
        clearInterval(feed);
      }
    },

    async "waits for who reads its results slowly"(runtime, workshop) {
      const words = "map ./jobs.ts#big --no-progress | (sleep 1; wc -c)";
      const lines = Array.from({ length: 100 }, (_, at) => `${at}`).join("\\n");
      const { stdout } = await inShell(workshop, runtime, words, `printf '${lines}\\n' | `);
      assert.equal(stdout.trim(), String(100 * 1_000_001));
    },

    async "takes a closed standard input for an empty one"(runtime, workshop) {
      const { code, stdout } = await inShell(workshop, runtime, "run 'echo {}' <&-");
      assert.deepEqual([code, stdout], [0, ""]);
    },
  };

const ON_DENO: Readonly<Record<string, (workshop: Workshop) => Promise<void>>> = {
  async "ends at once by a third Ctrl-C"(workshop) {
    const { command, file } = await startDeaf(workshop, "Deno");
    await command.interrupt(3);
    assert.equal((await command.ended).code, 130);
    await groupEnds(file);
  },

  async "ends its jobs by SIGTERM, and exits as a program that heeds it"(workshop) {
    const { command, file } = await startDeaf(workshop, "Deno");
    command.kill("SIGTERM");
    assert.equal((await command.ended).code, 143);
    await groupEnds(file);
  },

  async "reads of an endless pipe only what it needs"(workshop) {
    const folder = workshop.folder;
    const job = `touch ${folder}/begun{#}; until [ -e ${folder}/gate{#} ]; do sleep 0.05; done; : {}`;
    const command = workshop.start("Deno", ["run", "--jobs", "1", job]);
    const { stdin } = command.child;
    stdin?.on("error", () => {});
    const chunk = "an argument of some length\n".repeat(10_000);
    for (let given = 0; given < 100; given++) stdin?.write(chunk);
    await until(() => existsSync(workshop.path("begun1")), "the first job");
    writeFileSync(workshop.path("gate1"), "");
    await until(() => existsSync(workshop.path("begun2")), "the second job");
    assert.ok((stdin?.writableLength ?? 0) > 50 * chunk.length, String(stdin?.writableLength));
    await command.interrupt(2);
    assert.equal((await command.ended).code, 130);
  },

  async "starts no more than a rate allows, and writes a trace"(workshop) {
    await workshop.run("Deno", [
      "run",
      "--rate",
      "2/s",
      "--trace",
      "trace.json",
      "true",
      ":::",
      "1",
      "2",
    ]);
    const events: { name: string; ts: number }[] = JSON.parse(
      readFileSync(workshop.path("trace.json"), "utf8"),
    );
    const [first = 0, second = 0] = ["1", "2"].map(
      (item) => events.find(({ name }) => name === item)?.ts,
    );
    // Half a second apart they are let begin; on a machine with much to do the first one may begin some while after that.
    assert.ok(second - first >= 250_000, `${second - first} µs`);
  },

  async "starts a job of another key while others of one wait for their time"(workshop) {
    const args = ["run", "--rate", "1/m", "--key", "host", "echo {}", ":::"];
    const command = workshop.start("Deno", [...args, "http://a/1", "http://a/2", "http://b/1"]);
    await until(() => command.stdout.split("\n").length === 3, "two results");
    await command.interrupt(1);
    const { code, stdout } = await command.ended;
    assert.deepEqual([code, stdout.split("\n").sort()], [130, ["", "http://a/1", "http://b/1"]]);
  },

  async "lets finish what runs by --halt soon, ends it by now, and begins no more"(workshop) {
    for (const [halt, printed] of [
      ["soon,fail=1", "slow\n"],
      ["now,fail=1", ""],
      ["soon,fail=30%", "slow\n"],
      ["now,fail=30%", ""],
    ] as const) {
      const [gate, log] = [`gate ${halt}`, `log ${halt}`].map((name) => workshop.path(name));
      const job = `case {} in bad) exit 1;; slow) until [ -e '${gate}' ]; do sleep 0.05; done;; esac; echo {}`;
      const items = ["quick", "slow", "quick", "bad", "late", "late"].slice(
        halt.endsWith("%") ? 0 : 1,
      );
      const args = ["run", "--halt", halt, "--joblog", log as string, "-j2", job, ":::", ...items];
      const command = workshop.start("Deno", args);
      const failed = () =>
        existsSync(log as string) && /\t1\t0\t/.test(readFileSync(log as string, "utf8"));
      await until(failed, "the failure");
      if (halt.startsWith("soon")) writeFileSync(gate as string, "");
      const { code, stdout } = await command.ended;
      assert.deepEqual([code, stdout.replaceAll("quick\n", "")], [1, printed], halt);
    }
  },

  async "pauses between two starts, and says when each ran, by --delay and --trace"(workshop) {
    const args = [
      "run",
      "--delay",
      "300ms",
      "--trace",
      "trace.json",
      "-j3",
      "true",
      ":::",
      "1",
      "2",
      "3",
    ];
    await workshop.run("Deno", args);
    const events: { ts: number }[] = JSON.parse(readFileSync(workshop.path("trace.json"), "utf8"));
    const times = events
      .map(({ ts }) => ts)
      .filter((ts) => ts !== undefined)
      .sort((a, b) => a - b);
    // Twice as long they are let begin; on a machine with much to do the first one may begin some while after that.
    assert.ok((times.at(-1) as number) - (times[0] as number) >= 300_000, times.join());
  },

  async "prints lines as they come, and tags them"(workshop) {
    const gate = workshop.path("gate");
    const job = `echo begin; if [ {} = one ]; then until [ -e ${gate} ]; do sleep 0.05; done; fi; echo end`;
    const args = ["run", "--line-buffer", "--tag", "-j2", job, ":::", "one", "two"];
    const command = workshop.start("Deno", args);
    const isPrinted = (line: string) => command.stdout.includes(line);
    await until(() => isPrinted("two\tend") && isPrinted("one\tbegin"), "lines");
    assert.doesNotMatch(command.stdout, /one\tend/);
    writeFileSync(gate, "");
    const { stdout } = await command.ended;
    assert.match(stdout, /^one\tend$/m);
  },

  async "keeps what is too large for memory in a file that has no name"(workshop) {
    const job = "head -c 20000000 /dev/zero | tr '\\0' {}";
    const args = ["run", "--keep-order", job, ":::", "a", "b"];
    const { code, stdout } = await workshop.run("Deno", args);
    assert.equal(code, 0);
    assert.equal(stdout.length, 40_000_000);
    assert.equal(stdout.lastIndexOf("a"), 19_999_999);
  },

  async "wants a command"(workshop) {
    const { code, stderr } = await workshop.run("Deno", ["run", " ", ":::", "a"]);
    assert.deepEqual([code, /no command is given/.test(stderr)], [102, true]);
  },

  async "says what it would run"(workshop) {
    const args = ["run", "--dry-run", "mv {} {.}.new", ":::", "a b.txt"];
    const { stdout } = await workshop.run("Deno", args);
    assert.equal(stdout, "mv 'a b.txt' 'a b'.new\n");
  },

  async "says that a disk is full"(workshop) {
    if (Deno.build.os !== "linux") return console.log("skipped: only Linux has /dev/full");
    const { code, stderr } = await inShell(workshop, "Deno", "run 'echo {}' ::: a > /dev/full");
    assert.equal(code, 102);
    assert.match(stderr, /Cannot write results: .*no space/i);
  },

  async "leaves the flags of a command to the command, and puts arguments at its end"(workshop) {
    const args = ["run", "--keep-order", "printf", "%s-%s\\\\n", "-n", ":::", "1", "2"];
    const { stdout } = await workshop.run("Deno", args);
    assert.equal(stdout, "-n-1\n-n-2\n");
  },
};

Deno.test("futures run", async (test) => {
  const inWorkshop = (run: (workshop: Workshop) => Promise<void>) => async () => {
    using workshop = new Workshop();
    await run(workshop);
  };
  const steps = Object.keys(RUNTIMES).flatMap((runtime) =>
    Object.entries(EVERYWHERE).map(
      ([name, run]) =>
        [`on ${runtime} ${name}`, inWorkshop((workshop) => run(runtime, workshop))] as const,
    ),
  );
  const others = Object.entries(ON_DENO).map(([name, run]) => [name, inWorkshop(run)] as const);
  await sideBySide(test, Object.fromEntries([...steps, ...others]));
});

/** Starts a job that hears no SIGTERM, and another behind it; resolves when it runs. */
async function startDeaf(workshop: Workshop, runtime: string) {
  const file = workshop.path("deaf");
  const job = `trap '' TERM; echo $$ > ${file}; while :; do sleep 0.1; done; echo {}`;
  const command = workshop.start(runtime, ["run", "--jobs", "1", job, ":::", "first", "second"]);
  await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", "the job");
  return { command, file };
}

function groupOf(file: string): number {
  return -Number(readFileSync(file, "utf8"));
}

async function groupEnds(file: string): Promise<void> {
  await until(() => !isThere(groupOf(file)), "the end of the group");
}

/** Runs the command as a shell does that reads this. */
async function inShell(workshop: Workshop, runtime: string, words: string, before = "") {
  const command = `${before}${(RUNTIMES[runtime] as string[]).join(" ")} ${words}`;
  const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", command],
    cwd: workshop.folder,
    stdin: "null",
  }).output();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  return { code, stdout: output, stderr: errors };
}
