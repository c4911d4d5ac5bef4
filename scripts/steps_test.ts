// Tests of how steps are counted: a broken step never looks like a success.

import assert from "node:assert/strict";
import { basename } from "node:path";
import { runSteps, type Step } from "./steps.ts";

const REPORT = "temp/steps_test.xml";

async function countsOf(
  code: string,
  report?: string,
): Promise<[passed: number, failed: number, skipped: number]> {
  const step: Step = {
    name: "step",
    command: [Deno.execPath(), "eval", code],
    ...(report && { report }),
  };
  const [outcome] = await runSteps([step]);
  assert.ok(outcome);
  return [outcome.passed, outcome.failed, outcome.skipped];
}

/** A program that leaves this report behind. */
function writing(xml: string): string {
  return `Deno.mkdirSync("temp", { recursive: true }); Deno.writeTextFileSync("${REPORT}", ${JSON.stringify(xml)});`;
}

const CASES = `<testcase name="a"/><testcase name="b"></testcase><testcase name="c"><skipped/></testcase>`;

Deno.test("runSteps() counts a step without a report as one test", async () => {
  assert.deepEqual(await countsOf(""), [1, 0, 0]);
  assert.deepEqual(await countsOf("Deno.exit(3)"), [0, 1, 0]);
});

Deno.test("runSteps() counts the cases of a report", async () => {
  assert.deepEqual(await countsOf(writing(CASES), REPORT), [2, 0, 1]);
  const failed = `<testcase name="d"><failure message="&lt;skipped"/></testcase>`;
  assert.deepEqual(await countsOf(`${writing(CASES + failed)} Deno.exit(1);`, REPORT), [2, 1, 1]);
});

Deno.test("runSteps() keeps the name and the error of each failed case", async () => {
  const failed =
    `<testcase name="adds &lt;1&gt;" classname="./sum_test.ts" time="0.1">\n` +
    `<failure message="no">1 &amp;lt; 2\nat sum_test.ts:3</failure></testcase>` +
    `<testcase name="bare"><failure message="line&#10;two"/></testcase><testcase name="fine"/>`;
  const command = [Deno.execPath(), "eval", `${writing(CASES + failed)} Deno.exit(1);`] as const;
  const [outcome] = await runSteps([{ name: "step", command, report: REPORT }]);
  assert.deepEqual(outcome?.failures, [
    "./sum_test.ts adds <1>\n1 &lt; 2\nat sum_test.ts:3",
    "bare\nline\ntwo",
  ]);
});

Deno.test("runSteps() counts a failure outside of all cases", async () => {
  assert.deepEqual(await countsOf(`${writing(CASES)} Deno.exit(1);`, REPORT), [2, 1, 1]);
});

Deno.test("runSteps() counts a step that ran no test as failed, also when an old report lies there", async () => {
  assert.deepEqual(await countsOf("", REPORT), [0, 1, 0]);
});

Deno.test("runSteps() keeps the end of the output where no report says what failed", async () => {
  const code = `console.log("early".repeat(2000)); console.log("why"); Deno.exit(1);`;
  const [outcome] = await runSteps([{ name: "step", command: [Deno.execPath(), "eval", code] }]);
  const [failure = ""] = outcome?.failures ?? [];
  assert.match(failure, /early\nwhy$/);
  assert.ok(failure.length <= 4000, `${failure.length} characters`);
});

Deno.test("runSteps() keeps an end that came in many pieces", async () => {
  const code = "for (let n = 0; n < 3000; n++) console.log(n); Deno.exit(1);";
  const [outcome] = await runSteps([{ name: "step", command: [Deno.execPath(), "eval", code] }]);
  const all = Array.from({ length: 3000 }, (_, n) => `${n}\n`).join("");
  assert.equal(outcome?.failures[0], all.slice(-4000).trim());
});

Deno.test("runSteps() goes on after a failed step", async () => {
  const command = [Deno.execPath(), "eval", "Deno.exit(1)"] as const;
  const outcomes = await runSteps([
    { name: "one", command },
    { name: "two", command },
  ]);
  assert.deepEqual(
    outcomes.map(({ name, failed }) => [name, failed]),
    [
      ["one", 1],
      ["two", 1],
    ],
  );
});

/** What a program prints that runs these steps, two at once. */
async function outputOf(steps: readonly Step[]): Promise<string> {
  const url = new URL("./steps.ts", import.meta.url);
  const code = `import { runSteps } from "${url}"; await runSteps(${JSON.stringify(steps)}, 2);`;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  return new TextDecoder().decode(stdout);
}

/** A step that says "begin", and ends when its file and those it waits for are there. */
function meeting(own: string, others: readonly string[]): Step {
  const code = `console.log("begin");
    Deno.writeTextFileSync(${JSON.stringify(own)}, "");
    const isThere = (path) => { try { return Deno.statSync(path).isFile; } catch { return false; } };
    while (!${JSON.stringify(others)}.every(isThere)) await new Promise((resolve) => setTimeout(resolve, 2));
    console.log("end");`;
  return { name: basename(own), command: [Deno.execPath(), "eval", code] };
}

Deno.test("runSteps() runs steps side by side, and keeps the output of each together, in order", async () => {
  const folder = Deno.makeTempDirSync();
  const [first, second] = [`${folder}/first`, `${folder}/second`];
  try {
    const output = await outputOf([meeting(first, [second]), meeting(second, [first])]);
    assert.match(
      output,
      /^\n--- first ---\nbegin\nend\n--- 1 passed, 0 failed \(.*\) ---\n\n--- second ---\nbegin\nend\n--- 1 passed/,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("runSteps() runs a step that wants to be alone when nothing else runs", async () => {
  const folder = Deno.makeTempDirSync();
  const stamp = (name: string): Step => {
    const code = `const write = (what) => Deno.writeTextFileSync("${folder}/log", what, { append: true });
      write("<"); setTimeout(() => write(">"), 50);`;
    return { name, command: [Deno.execPath(), "eval", code] };
  };
  try {
    const alone = { ...stamp("alone"), alone: true };
    await outputOf([stamp("one"), alone, alone, stamp("two")]);
    assert.equal(Deno.readTextFileSync(`${folder}/log`), "<><><><>");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
