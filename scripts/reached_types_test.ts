// Tests of what an entry's types lead to.

import assert from "node:assert/strict";
import ts from "typescript";
import { namesIn, reachedTypes, usedImport } from "./reached_types.ts";

const TEXTS = new Map([
  ["mod.d.ts", `export { Pool } from "./pool.js";\nexport type * from "./words.js";`],
  [
    "pool.d.ts",
    `import { type Base, Unused } from "./base.js";
import type { Hidden } from "./hidden.js";
export declare class Pool extends Base { size: import("./size.js").Size; #private; }
export declare function hide(): Hidden;`,
  ],
  ["base.d.ts", "export declare class Base {}\nexport declare class Unused {}\nexport {};"],
  ["hidden.d.ts", "export interface Hidden {}"],
  ["size.d.ts", "type Count = number;\nexport type Size = Count;\nexport type Other = Count;"],
  ["words.d.ts", "declare global { interface Window { word: 1 } }\nexport type Word = string;"],
]);

Deno.test("reachedTypes() keeps what an entry's names lead to, and nothing of its neighbours", () => {
  const { files, told } = reachedTypes(["mod.d.ts"], TEXTS);
  const kept = [...files].map(([path, { text, statements }]) => {
    const used = namesIn(statements);
    const parts = statements.map((part) =>
      ts.isImportDeclaration(part) ? usedImport(part, used) : text.slice(part.getStart(), part.end),
    );
    return [path, parts.filter((part) => part !== "")];
  });
  assert.deepEqual(Object.fromEntries(kept), {
    "mod.d.ts": [`export { Pool } from "./pool.js";`, `export type * from "./words.js";`],
    "pool.d.ts": [
      `import { type Base } from "./base.js";`,
      `export declare class Pool extends Base { size: import("./size.js").Size; #private; }`,
    ],
    "base.d.ts": ["export declare class Base {}", "export {};"],
    "size.d.ts": ["type Count = number;", "export type Size = Count;"],
    "words.d.ts": ["declare global { interface Window { word: 1 } }", "export type Word = string;"],
  });
  const names = [...told].map((part) => /(?:class|type) (\w+)/.exec(part.getText())?.[1]);
  assert.deepEqual(names.sort(), ["Base", "Pool", "Word"], "whose comments users read");
});

Deno.test("reachedTypes() refuses an entry that has no types", () => {
  assert.throws(() => reachedTypes(["none.d.ts"], TEXTS), /there are no types in "none.d.ts"/);
});
