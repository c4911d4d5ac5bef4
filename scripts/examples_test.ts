// Tests of how examples are found and judged.

import assert from "node:assert/strict";
import {
  codeBlocks,
  docBlocks,
  exampleFiles,
  mentionedTasks,
  missingLine,
  promisedOutput,
} from "./examples.ts";

const README = `# Title

\`\`\`sh
npx -y deno@2.9.6 task test && deno task test:bun
\`\`\`

\`\`\`ts
// tasks.ts
export const one = 1;
\`\`\`

\`\`\`ts
// main.ts: deno run --allow-read main.ts, or: bun main.ts
console.log(1); // 1
console.log(f(2)); // two
\`\`\`

\`\`\`ts
nameless();
\`\`\`

\`\`\`ts ignore
// ignored.ts: bun ignored.ts
\`\`\`
`;

Deno.test("codeBlocks() finds TypeScript that is not ignored", () => {
  assert.deepEqual(
    codeBlocks(README).map(({ line }) => line),
    [7, 12, 18],
  );
});

Deno.test("exampleFiles() finds names and commands", () => {
  assert.deepEqual(
    exampleFiles(README).map(({ name, commands }) => [name, commands]),
    [
      ["tasks.ts", []],
      ["main.ts", ["deno run --allow-read main.ts", "bun main.ts"]],
    ],
  );
});

Deno.test("docBlocks() finds the examples of doc comments", () => {
  const source = `// file\n/**\n * Does.\n *\n * \`\`\`ts\n * f();\n * \`\`\`\n */\nexport function f() {}\n`;
  assert.deepEqual(docBlocks(source), [{ line: 5, text: "f();\n" }]);
});

Deno.test("promisedOutput() reads the comments behind console.log", () => {
  assert.deepEqual(
    exampleFiles(README).flatMap(({ text }) => promisedOutput(text)),
    ["1", "two"],
  );
});

Deno.test("missingLine() finds no fault with lines in order", () => {
  assert.equal(missingLine(["1", "two"], "0\n1\ntwo\n"), undefined);
});

Deno.test("missingLine() names a line that is absent or out of order", () => {
  assert.equal(missingLine(["1"], "11\n"), "1");
  assert.equal(missingLine(["two", "1"], "1\ntwo\n"), "1");
});

Deno.test("mentionedTasks() finds the tasks a reader is told to run", () => {
  assert.deepEqual(mentionedTasks(README), ["test", "test:bun"]);
});
