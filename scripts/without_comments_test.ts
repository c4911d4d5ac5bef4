// Tests of how comments are taken out of a program.

import assert from "node:assert/strict";
import { withoutComments } from "./without_comments.ts";

Deno.test("withoutComments() takes out comments of every kind, with the lines that are theirs", () => {
  const program = `#!/usr/bin/env node
// The head.

/** Doubles, \`// not apart\`. */
export function double(n /* a number */) {
    // why
    return/* so */2 * n; // and how
}
`;
  assert.equal(
    withoutComments(program),
    `#!/usr/bin/env node

export function double(n ) {
    return 2 * n;
}
`,
  );
});

Deno.test("withoutComments() leaves what only looks like one", () => {
  const program =
    'const texts = ["// a", `/* b */ \n\n`, /[/*] \\/\\/ d/, /\\/* e *\\//, 1 / 2 / 3];\n';
  assert.equal(withoutComments(program), program);
});

Deno.test("withoutComments() leaves what bundlers are told, and licences", () => {
  const program =
    "/*! MIT */\nimport(/* webpackIgnore: true */ name);\nconst a = /* @__PURE__ */ b();\n";
  assert.equal(withoutComments(program), program);
});
