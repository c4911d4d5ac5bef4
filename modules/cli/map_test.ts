// futures map from outside: on every runtime, by its exit code and its outputs.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { type Ended, RUNTIMES, until, Workshop } from "./fixture.ts";

/** What is given to the command, and what must come of it. */
interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly code?: number;
  /** All of standard output; its lines in any order, unless the order is kept. */
  readonly lines?: readonly string[];
  readonly stderr?: RegExp;
  readonly check?: (ended: Ended) => void;
}

const CASES: readonly Case[] = [
  {
    name: "calls an exported function once for each argument, with numbers where its parameters are",
    args: ["map", "./jobs.ts#double", ":::", "1", "2", "30"],
    lines: ["2", "4", "60"],
    stderr: /3 done, 0 failed/,
  },
  {
    name: "reads arguments by lines and keeps their order",
    args: ["map", "./jobs.ts#reject", "--keep-order", "--jobs", "2"],
    stdin: Array.from({ length: 500 }, (_, at) => `line ${at}\r\n`).join(""),
    lines: Array.from({ length: 500 }, (_, at) => `line ${at}`),
  },
  {
    name: "passes JSON values as they are",
    args: ["map", "./jobs.ts#typeOf", "--jsonl", "--loop", "--keep-order", "--json"],
    stdin: '1\n"x"\n{"a":1}\nnull\n',
    lines: ['"number"', '"string"', '"object"', '"object"'],
  },
  {
    name: "takes the columns of a table for arguments",
    args: ["map", "./jobs.ts#add", "--tsv", "-", "--loop"],
    stdin: "1\t2\n30\t4\n",
    lines: ["3", "34"],
  },
  {
    name: "takes rows as objects where the table has a header",
    args: ["map", "./jobs.ts#row", "--csv", "-", "--header", "--loop"],
    stdin: 'id,name\n7,"Ann ""A"", x"\n',
    lines: ['{"id":7,"name":"Ann \\"A\\", x"}'],
  },
  {
    name: "counts failures in its exit code, and tells the argument and the line of the task",
    args: ["map", "./jobs.ts#reject", ":::", "bad1", "good", "bad2"],
    code: 2,
    lines: ["good"],
    stderr: /1 done, 2 failed[\s\S]*bad1: RangeError: no bad1 \(jobs\.ts:10:\d+\)/,
  },
  {
    name: "keeps what tasks print together, on standard error",
    args: ["map", "./jobs.ts#hello", "--tag", ":::", "Ann"],
    lines: ["Ann\thello Ann"],
    stderr: /^Ann\tgreeting Ann\nAnn\tin person\n/,
  },
  {
    name: "streams what a generator yields",
    args: ["map", "./jobs.ts#count", ":::", "3"],
    lines: ["0", "1", "2"],
  },
  {
    name: "ends what runs longer than its timeout",
    args: ["map", "./jobs.ts#nap", "--timeout", "2s", ":::", "1", "60000"],
    code: 1,
    lines: ["1"],
    stderr: /60000: TimeoutError: .*longer than 2000 ms/,
  },
  {
    name: "survives a process that exits, and tries again as often as it may",
    args: ["map", "./jobs.ts#exit", "--processes", "--retries", "1", ":::", "a", "x"],
    code: 1,
    lines: ["a"],
    stderr: /x: WorkerLostError: .*code 3/,
  },
  {
    name: "names the functions that a module has",
    args: ["map", "./jobs.ts#nope", "--loop", ":::", "1"],
    code: 102,
    lines: [],
    stderr: /no function "nope"; it has .*double/,
  },
  {
    name: "fails a call whose argument is no number",
    args: ["map", "./jobs.ts#double", "--loop", ":::", "one"],
    code: 1,
    lines: [],
    stderr: /Cannot use "one" for "n": expected a number/,
  },
];

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test(`futures map on ${runtime}`, async (t) => {
    using workshop = new Workshop();
    for (const { name, args, stdin, code = 0, lines, stderr, check } of CASES) {
      await t.step(name, async () => {
        const ended = await workshop.run(runtime, args, stdin === undefined ? {} : { stdin });
        assert.equal(ended.code, code, ended.stderr);
        const printed = ended.stdout.split("\n").slice(0, -1);
        const isOrdered = args.includes("--keep-order");
        if (lines !== undefined)
          assert.deepEqual(
            isOrdered ? printed : printed.sort(),
            isOrdered ? lines : [...lines].sort(),
          );
        if (stderr !== undefined) assert.match(ended.stderr, stderr);
        check?.(ended);
      });
    }
    await t.step("tries a failed job again, and forgets what the first try printed", async () => {
      const file = workshop.path("flaky");
      const { code, stdout } = await workshop.run(runtime, [
        "map",
        "./jobs.ts#flaky",
        "--retries",
        "3",
        ":::",
        file,
      ]);
      assert.deepEqual([code, stdout], [0, "second\n"]);
    });
  });
}

Deno.test("futures map halts at the first failure and calls no more", async () => {
  using workshop = new Workshop();
  const args = ["map", "./jobs.ts#reject", "--jobs", "1", "--halt", "now,fail=1", "--keep-order"];
  const stdin = `good\nbad\n${"late\n".repeat(1000)}`;
  const { code, stdout } = await workshop.run("Deno", args, { stdin });
  assert.equal(code, 1);
  assert.equal(stdout, "good\n");
});

Deno.test("futures map sees paths from the folder it is told of", async () => {
  using workshop = new Workshop();
  writeFileSync(workshop.path("list"), "21\n");
  const args = ["--cwd", workshop.folder, "map", "jobs.ts#double", "--arg-file", "list"];
  const { code, stdout, stderr } = await workshop.run("Deno", args, { cwd: "/" });
  assert.deepEqual([code, stdout], [0, "42\n"], stderr);
});

Deno.test("futures map finds files by a pattern", async () => {
  using workshop = new Workshop();
  for (const name of ["a.txt", "b.txt", "c.md"]) writeFileSync(workshop.path(name), "");
  const args = ["map", "./jobs.ts#reject", "--glob", "*.txt", "--loop"];
  const { stdout, stderr } = await workshop.run("Deno", args);
  assert.deepEqual(stdout.split("\n").sort(), ["", "a.txt", "b.txt"], stderr);
});

Deno.test("futures map gives processes no permission that it is not told to", async () => {
  using workshop = new Workshop();
  const args = ["map", "./jobs.ts#flaky", "--permissions", "none", ":::", workshop.path("file")];
  const { code, stderr } = await workshop.run("Deno", args);
  assert.equal(code, 1);
  assert.match(stderr, /NotCapable/);
});

Deno.test("futures map shows the run on a page while it lasts", async () => {
  using workshop = new Workshop();
  const began = workshop.path("began");
  const command = workshop.start("Deno", ["map", "./jobs.ts#begin", "--dashboard", ":::", began]);
  await until(() => existsSync(began), "the call");
  const [, address = ""] = /shown at (\S+)/.exec(command.stderr) ?? [];
  const page = await fetch(address);
  assert.match(await page.text(), /<html/);
  const { jobs } = await (await fetch(`${address}api/jobs`)).json();
  assert.deepEqual([jobs[0].kind, jobs[0].state], ["./jobs.ts#begin", "running"]);
  for (const word of ["still running", "interrupting"]) {
    command.kill("SIGINT");
    await until(() => command.stderr.includes(word), word);
  }
  assert.equal((await command.ended).code, 130);
});
