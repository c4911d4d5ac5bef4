// futures run from outside: shell commands, their outputs, their groups and every way of ending them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Command, isThere, RUNTIMES, until, Workshop } from "./fixture.ts";

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test(`futures run on ${runtime}`, async (t) => {
    using workshop = new Workshop();
    const run = (args: string[], stdin = "") => workshop.run(runtime, ["run", ...args], { stdin });

    await t.step("fills a command, keeps jobs' outputs apart and counts failures", async () => {
      const command = "echo {} {.} {/} {//} {/.} {#}; echo to {} >&2; test {#} != 2";
      const { code, stdout, stderr } = await run([command, "-k", "-j2", ":::", "a/b.c", "it's"]);
      assert.equal(stdout, "a/b.c a/b b.c a b 1\nit's it's it's . it's 2\n");
      assert.equal(code, 1);
      assert.match(stderr, /^to a\/b\.c$/m);
      assert.match(stderr, /it's: exit code 1 \(to it's\)/);
    });

    await t.step(
      "leaves the flags of a command to the command, and puts arguments at its end",
      async () => {
        const { stdout } = await run([
          "--keep-order",
          "printf",
          "%s-%s\\\\n",
          "-n",
          ":::",
          "1",
          "2",
        ]);
        assert.equal(stdout, "-n-1\n-n-2\n");
      },
    );

    await t.step("ends a job and all it has started when its time is over", async () => {
      const file = workshop.path("group");
      const command = `echo $$ > ${file}; sleep 600 & sleep 600; echo {}`;
      const { code, stderr } = await run(["--timeout", "1s", command, ":::", "x"]);
      assert.equal(code, 1);
      assert.match(stderr, /x: it ran longer than 1000 ms/);
      await groupEnds(file);
    });

    await t.step("stops by one Ctrl-C, interrupts by two, and exits with 130", async () => {
      const file = workshop.path("two");
      const command = start(workshop, runtime, file);
      await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", "the job");
      command.kill("SIGINT");
      await until(() => command.stderr.includes("still running"), "the first word");
      assert.match(command.stderr, /1 still running: first; Ctrl-C again interrupts/);
      assert.equal(isThere(groupOf(file)), true);
      command.kill("SIGINT");
      const { code, stdout } = await command.ended;
      assert.deepEqual([code, stdout], [130, ""]);
      await groupEnds(file);
    });

    await t.step("ends the jobs when it is killed itself", async () => {
      const file = workshop.path("killed");
      const command = start(workshop, runtime, file);
      await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", "the job");
      command.kill("SIGKILL");
      await command.ended;
      await groupEnds(file);
    });
  });
}

/** A job that hears no SIGTERM, and another behind it. */
function start(workshop: Workshop, runtime: string, file: string): Command {
  const job = `trap '' TERM; echo $$ > ${file}; while :; do sleep 0.1; done; echo {}`;
  return workshop.start(runtime, ["run", "--jobs", "1", job, ":::", "first", "second"]);
}

function groupOf(file: string): number {
  return -Number(readFileSync(file, "utf8"));
}

async function groupEnds(file: string): Promise<void> {
  await until(() => !isThere(groupOf(file)), "the end of the group");
}

Deno.test("futures run ends at once by a third Ctrl-C", async () => {
  using workshop = new Workshop();
  const file = workshop.path("three");
  const command = start(workshop, "Deno", file);
  await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", "the job");
  for (const word of ["still running", "interrupting"]) {
    command.kill("SIGINT");
    await until(() => command.stderr.includes(word), word);
  }
  command.kill("SIGINT");
  assert.equal((await command.ended).code, 130);
  await groupEnds(file);
});

Deno.test("futures run ends its jobs by SIGTERM, and exits as a program that heeds it", async () => {
  using workshop = new Workshop();
  const file = workshop.path("term");
  const command = start(workshop, "Deno", file);
  await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", "the job");
  command.kill("SIGTERM");
  assert.equal((await command.ended).code, 143);
  await groupEnds(file);
});

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test(`futures run on ${runtime} ends quietly when nobody reads its results`, async () => {
    using workshop = new Workshop();
    const command = workshop.start(runtime, [
      "run",
      "--no-progress",
      "echo {}; cat /dev/zero | head -c 100000",
    ]);
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
  });

  Deno.test(`futures run on ${runtime} takes a closed standard input for an empty one`, async () => {
    using workshop = new Workshop();
    const { code, stdout } = await inShell(workshop, runtime, "run 'echo {}' <&-");
    assert.deepEqual([code, stdout], [0, ""]);
  });
}

Deno.test("futures run reads of an endless pipe only what it needs", async () => {
  using workshop = new Workshop();
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
  for (const word of ["still running", "interrupting"]) {
    command.kill("SIGINT");
    await until(() => command.stderr.includes(word), word);
  }
  assert.equal((await command.ended).code, 130);
});

Deno.test("futures run starts no more than a rate allows, and a job of another key meanwhile", async () => {
  using workshop = new Workshop();
  const items = ["http://a/1", "http://a/2", "http://b/1"];
  const args = ["run", "--rate", "2/s", "--key", "host", "--trace", "trace.json", "true", ":::"];
  await workshop.run("Deno", [...args, ...items]);
  const events: { name: string; ts: number }[] = JSON.parse(
    readFileSync(workshop.path("trace.json"), "utf8"),
  );
  const [a1 = 0, a2 = 0, b1 = 0] = items.map(
    (item) => events.find(({ name }) => name === item)?.ts,
  );
  assert.ok(a2 - a1 >= 500_000, `${a2 - a1} µs`);
  assert.ok(b1 < a2);
});

Deno.test("futures run prints lines as they come, and tags them", async () => {
  using workshop = new Workshop();
  const gate = workshop.path("gate");
  const job = `echo begin; if [ {} = one ]; then until [ -e ${gate} ]; do sleep 0.05; done; fi; echo end`;
  const command = workshop.start("Deno", [
    "run",
    "--line-buffer",
    "--tag",
    "-j2",
    job,
    ":::",
    "one",
    "two",
  ]);
  await until(
    () => command.stdout.includes("two\tend") && command.stdout.includes("one\tbegin"),
    "lines",
  );
  assert.doesNotMatch(command.stdout, /one\tend/);
  writeFileSync(gate, "");
  const { stdout } = await command.ended;
  assert.match(stdout, /^one\tend$/m);
});

Deno.test("futures run keeps what is too large for memory in a file that has no name", async () => {
  using workshop = new Workshop();
  const job = "head -c 20000000 /dev/zero | tr '\\0' {}";
  const { code, stdout } = await workshop.run("Deno", [
    "run",
    "--keep-order",
    job,
    ":::",
    "a",
    "b",
  ]);
  assert.equal(code, 0);
  assert.equal(stdout.length, 40_000_000);
  assert.equal(stdout.lastIndexOf("a"), 19_999_999);
});

Deno.test("futures run says what it would run", async () => {
  using workshop = new Workshop();
  const { stdout } = await workshop.run("Deno", [
    "run",
    "--dry-run",
    "mv {} {.}.new",
    ":::",
    "a b.txt",
  ]);
  assert.equal(stdout, "mv 'a b.txt' 'a b'.new\n");
});

Deno.test("futures run writes a trace", async () => {
  using workshop = new Workshop();
  await workshop.run("Deno", ["run", "--trace", "trace.json", "true", ":::", "a", "b"]);
  const events = JSON.parse(readFileSync(workshop.path("trace.json"), "utf8"));
  assert.deepEqual(events.map(({ name }: { name: string }) => name).sort(), ["a", "b"]);
});

Deno.test("futures run says that a disk is full", async () => {
  if (Deno.build.os !== "linux") return console.log("skipped: only Linux has /dev/full");
  using workshop = new Workshop();
  const { code, stderr } = await inShell(workshop, "Deno", "run 'echo {}' ::: a > /dev/full");
  assert.equal(code, 102);
  assert.match(stderr, /Cannot write results: .*no space/i);
});

/** Runs the command as a shell does that reads this. */
async function inShell(workshop: Workshop, runtime: string, words: string) {
  const command = `${(RUNTIMES[runtime] as string[]).join(" ")} ${words}`;
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
