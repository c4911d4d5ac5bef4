// Tests of how a program is made shorter.

import assert from "node:assert/strict";
import { condensed } from "./condensed.ts";

Deno.test("condensed() takes out comments of every kind and space, with the lines that are theirs", () => {
  const program = `#!/usr/bin/env node
// The head.

/** Doubles, \`// not apart\`. */
export function double(n /* a number */) {
    // why
    return/* so */2 * n; // and how
}
`;
  assert.equal(
    condensed(program),
    `#!/usr/bin/env node
export function double(n){
return 2*n;
}
`,
  );
});

Deno.test("condensed() leaves what only looks like a comment or an indent", () => {
  const program =
    'const texts=["// a",`/* b */ \n\n  \n  c`,/[/*] \\/\\/ d/,/\\/* e *\\//,1/2/3];\n';
  assert.equal(condensed(program), program);
});

Deno.test("condensed() leaves space where two words would be one", () => {
  const program = "return a+ +b- -c-d/ /e/.f+1 .g+typeof é;\n";
  assert.equal(condensed(program), program);
});

Deno.test("condensed() leaves the end of a line that ends a statement", () => {
  assert.equal(condensed("a = b /* c\n */ ++d\n  e()\n"), "a=b\n++d\ne()\n");
});

Deno.test("condensed() leaves what bundlers are told, and licences", () => {
  const program =
    "/*! MIT */\nimport(/* webpackIgnore: true */ name);\nconst a= /* @__PURE__ */ b();\n";
  assert.equal(condensed(program), program);
});
