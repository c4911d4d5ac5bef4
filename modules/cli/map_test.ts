// futures map from outside: by its exit code and its outputs. On every runtime what depends on it, the rest on Deno.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { RUNTIMES, sideBySide, until, Workshop } from "./fixture.ts";

/** What is given to the command, and what must come of it. */
interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly code?: number;
  /** All of standard output; its lines in any order, unless the order is kept. */
  readonly lines?: readonly string[];
  readonly stderr?: RegExp;
}

/** One start of a program costs more than what is tested, so each tries several things that do not touch each other. */
const EVERYWHERE: readonly Case[] = [
  {
    name: "calls an exported function once for each line, in order, with numbers where its parameters are",
    args: ["map", "./jobs.ts#double", "--keep-order", "--jobs", "2"],
    stdin: Array.from({ length: 500 }, (_, at) => `${at}\r\n`).join(""),
    lines: Array.from({ length: 500 }, (_, at) => String(2 * at)),
    stderr: /500 done, 0 failed/,
  },
  {
    name: "keeps together what tasks print, streams what a generator yields, counts failures and tells their lines",
    args: ["map", "./jobs.ts#mixed", "--tag", ":::", "Ann", "bad1", "three", "bad2"],
    code: 2,
    lines: ["Ann\thello Ann", "three\t0", "three\t1", "three\t2"],
    stderr:
      /^Ann\tgreeting Ann\nAnn\tin person\n[\s\S]*2 done, 2 failed[\s\S]*bad1: RangeError: no bad1 \(jobs\.ts:10:\d+\)/m,
  },
  {
    name: "leaves standard output to results, whatever prints when no call does",
    args: ["map", "./noisy.ts#leave", "--jobs", "1", ":::", "a", "b"],
    lines: ["a", "b"],
    stderr: /^loading$/m,
  },
  {
    name: "catches what is written to a stream on the loop, by whichever name",
    args: ["map", "./noisy.ts#streams", "--loop", "--tag", ":::", "a"],
    lines: ["a\ta"],
    stderr: /^a\tby name, by the process, aside$/m,
  },
  {
    name: "survives a process that exits, and tries again as often as it may",
    args: ["map", "./jobs.ts#exit", "--processes", "--retries", "1", ":::", "a", "x"],
    code: 1,
    lines: ["a"],
    stderr: /x: WorkerLostError: .*code 3/,
  },
  {
    name: "says of a call that took more memory than it may have that it did",
    args: [
      "map",
      "./jobs.ts#hog",
      "--processes",
      "--memory-limit",
      "256M",
      "--no-progress",
      ":::",
      "a",
    ],
    code: 1,
    lines: [],
    stderr:
      /^futures: 1 failed\n {2}a: WorkerLostError: .+ \(Worker \d has outgrown its memoryLimit: \d+ MiB of 256 MiB\)\n$/,
  },
  {
    // The file is there when it is tried again.
    name: "ends what runs longer than its timeout, and forgets what a first try printed",
    args: ["map", "./jobs.ts#late", "--timeout", "2s", "--retries", "1", ":::", "file", "60000"],
    code: 1,
    lines: ["second"],
    stderr: /60000: TimeoutError: .*longer than 2000 ms/,
  },
];

const ODD_ERROR =
  '{"name":"RangeError","message":"too far","cause":{"name":"TypeError","message":"no number"},"code":"E"}';

const ON_DENO: readonly Case[] = [
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
    name: "names the functions that a module has",
    args: ["map", "./jobs.ts#nope", "--loop", ":::", "1"],
    code: 102,
    lines: [],
    stderr: /no function "nope"; it has .*double/,
  },
  {
    name: "does the rows before one that is none",
    args: ["map", "./jobs.ts#add", "--csv", "-", "--loop"],
    stdin: "1,2\n3,4\n5,6,7\n",
    code: 102,
    lines: ["3", "7"],
    stderr: /Cannot read table: .*line 3/,
  },
  {
    name: "prints maps and sets as lists, and errors as what they say, wherever they are in a result",
    args: ["map", "./jobs.ts#odd", "--loop", "--keep-order", ":::", "map", "error", "list"],
    lines: ['[["a",["1"]]]', ODD_ERROR, `[${ODD_ERROR}]`],
  },
  {
    name: "tells of a result that is no JSON, and not of a line of ours",
    args: ["map", "./jobs.ts#circle", "--loop", ":::", "a"],
    code: 1,
    lines: [],
    stderr: /a: TypeError: Cannot print the result: Converting circular structure to JSON\n/,
  },
  {
    name: "takes no folder for a module",
    args: ["map", ".", ":::", "a"],
    code: 102,
    lines: [],
    stderr: /^futures: Cannot map: there is no file "\."\n$/,
  },
  {
    name: "says which permissions there are",
    args: ["map", "./jobs.ts#double", "--permissions", "some", ":::", "1"],
    code: 102,
    lines: [],
    stderr: /^futures: Cannot .*permissions.*some.*\n$/,
  },
  {
    name: "fails a call whose argument is no number",
    args: ["map", "./jobs.ts#double", "--loop", ":::", "one"],
    code: 1,
    lines: [],
    stderr: /Cannot use "one" for "n": expected a number/,
  },
  {
    name: "halts at the first failure and calls no more",
    args: ["map", "./jobs.ts#reject", "--jobs", "1", "--halt", "now,fail=1", "--keep-order"],
    stdin: `good\nbad\n${"late\n".repeat(1000)}`,
    code: 1,
    lines: ["good"],
  },
  {
    name: "reads arguments that end with a NUL byte",
    args: ["map", "./jobs.ts#reject", "-0", "--json", "--loop"],
    stdin: "two\nlines\0one\0",
    lines: ['"two\\nlines"', '"one"'],
  },
  {
    name: "finds files by a pattern",
    args: ["map", "./jobs.ts#reject", "--glob", "job*.ts", "--loop"],
    lines: ["jobs.ts"],
  },
];

async function tryCase(runtime: string, given: Case): Promise<void> {
  const { args, stdin, code = 0, lines, stderr } = given;
  using workshop = new Workshop();
  const ended = await workshop.run(runtime, args, stdin === undefined ? {} : { stdin });
  assert.equal(ended.code, code, ended.stderr);
  const printed = ended.stdout.split("\n").slice(0, -1);
  const inOrder = (texts: readonly string[]) =>
    args.includes("--keep-order") ? texts : [...texts].sort();
  if (lines !== undefined) assert.deepEqual(inOrder(printed), inOrder(lines));
  if (stderr !== undefined) assert.match(ended.stderr, stderr);
}

Deno.test("futures map", async (test) => {
  const steps = Object.keys(RUNTIMES).flatMap((runtime) =>
    [...EVERYWHERE, ...(runtime === "Deno" ? ON_DENO : [])].map(
      (given) => [`on ${runtime} ${given.name}`, () => tryCase(runtime, given)] as const,
    ),
  );
  await sideBySide(test, {
    ...Object.fromEntries(steps),

    async "sees paths from the folder it is told of"() {
      using workshop = new Workshop();
      writeFileSync(workshop.path("list"), "21\n");
      const args = ["--cwd", workshop.folder, "map", "jobs.ts#double", "--arg-file", "list"];
      const { code, stdout, stderr } = await workshop.run("Deno", args, { cwd: "/" });
      assert.deepEqual([code, stdout], [0, "42\n"], stderr);
    },

    async "gives processes no permission that it is not told to"() {
      using workshop = new Workshop();
      const args = ["map", "./jobs.ts#flaky", "--permissions", "none", ":::", "file"];
      const { code, stderr } = await workshop.run("Deno", args);
      assert.equal(code, 1);
      assert.match(stderr, /NotCapable/);
    },

    // In the middle of a batch: what stands behind it there is begun after all.
    async "loses of many short calls in a process only those that it had begun"() {
      using workshop = new Workshop();
      const behind = Array.from({ length: 1500 }, (_, at) => `behind ${at}`);
      const stdin = `${"a\n".repeat(1500)}x\n${behind.join("\n")}\n`;
      const args = ["map", "./jobs.ts#exit", "--processes", "--jobs", "1"];
      const { code, stdout, stderr } = await workshop.run("Deno", args, { stdin });
      assert.ok(code !== null && code >= 1 && code <= 101, String(code));
      const printed = stdout.split("\n").filter((line) => line.startsWith("behind"));
      assert.deepEqual(printed.sort(), behind.sort());
      assert.match(stderr, /WorkerLostError: .*code 3/);
    },

    async "shows the run on a page while it lasts"() {
      using workshop = new Workshop();
      const began = workshop.path("began");
      const args = ["map", "./jobs.ts#begin", "--dashboard", ":::", began];
      const command = workshop.start("Deno", args);
      await until(() => existsSync(began), "the call");
      await until(() => command.stderr.includes("shown at"), "the address");
      const [, address = ""] = /shown at (\S+)/.exec(command.stderr) ?? [];
      const page = await fetch(address);
      assert.match(await page.text(), /<html/);
      const script = await fetch(new URL("main.js", address));
      assert.equal(script.status, 200);
      await script.body?.cancel();
      const { jobs } = await (await fetch(`${address}api/jobs`)).json();
      assert.deepEqual([jobs[0].kind, jobs[0].state], ["./jobs.ts#begin", "running"]);
      await command.interrupt(2);
      assert.equal((await command.ended).code, 130);
    },
  });
});
