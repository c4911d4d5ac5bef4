// Tests of how steps are counted: a broken step never looks like a success.

import assert from "node:assert/strict";
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
