// Tests of the types that the page's editor checks against: the library's own are there, and what the page offers has no faults.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTypes } from "./library_types.ts";
import { EXAMPLE } from "./page/here/typed_code.ts";
import { RECIPES } from "./page/recipes.ts";
import { openChecker } from "./page/types/checker.ts";

const checker = openChecker(await readTypes());

const messages = (code: string) => checker.faults(code).map(({ message }) => message);

test("faults() finds none in what the editor begins with, nor in a recipe", () => {
  for (const code of [EXAMPLE.code, ...RECIPES.map(({ typed }) => typed.code)])
    assert.deepEqual(messages(code), [], code);
});

test("faults() tells of an argument that a task does not take, and of a result that is another", () => {
  const head = `import { EventLoopExecutor } from "@concurrent/futures";
const half = (n: number) => n / 2;
await using pool = new EventLoopExecutor();
`;
  assert.deepEqual(messages(`${head}const four: number = await pool.submit(half, 8);`), []);
  const [wrong] = checker.faults(`${head}pool.submit(half, "eight");`);
  assert.match(wrong?.message ?? "", /string.*number|number.*string/s);
  assert.ok((wrong?.from ?? 0) > head.length, "it stands where the call does");
  assert.match(
    messages(`${head}const text: string = await pool.submit(half, 8);`)[0] ?? "",
    /string/,
  );
});

test("faults() knows the library's other entries for tasks, and no more of the package", () => {
  const entry = (name: string) =>
    messages(`import * as all from "@concurrent/futures${name}"; all;`);
  for (const name of ["", "/sync", "/task"]) assert.deepEqual(entry(name), [], name);
  assert.match(entry("/deno")[0] ?? "", /Cannot find module/);
});

test("faults() calls nothing wrong in the sandbox that a process of Deno has", () => {
  const code = `import { sep } from "node:path";
export const all = () => [sep, Deno.version.deno, process.pid, Buffer.from("a"), String(undefinedName)];`;
  const wrong = (where: "page" | "sandbox") => {
    checker.runsIn(where);
    return messages(code).map((message) => /'([\w:]+)'/.exec(message)?.[1]);
  };
  assert.deepEqual(wrong("sandbox"), ["undefinedName"]);
  assert.deepEqual(wrong("page"), ["node:path", "Deno", "process", "Buffer", "undefinedName"]);
});

test("faults() tells of what cannot be read before it guesses types", () => {
  const [first, ...others] = messages("const fine: string = 1;\nexport function broken( {\n");
  assert.match(first ?? "", /expected/);
  assert.ok(others.every((message) => !/assignable/.test(message)));
});

test("names() follows types: what comes out of a loop has its own members", () => {
  const code = `import { EventLoopExecutor, asCompleted } from "@concurrent/futures";
const pool = new EventLoopExecutor();
for await (const future of asCompleted([pool.submit(() => 1)])) future.`;
  const names = checker.names(code, code.length).map(({ name }) => name);
  for (const name of ["cancel", "result", "snapshot"]) assert.ok(names.includes(name), name);
  assert.match(checker.about(code, code.length, "cancel"), /^[A-Z].*\.$/s);
});
