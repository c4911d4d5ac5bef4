// Tests that nothing which is owed to CPython's suite is without a case.

import assert from "node:assert/strict";
import { test } from "node:test";
import { conformanceCases } from "../testing/mod.ts";
import { conformanceRows } from "./rows.ts";

test("each row is proved by a case", () => {
  const proved = new Set(conformanceCases.map(({ id }) => id));
  assert.deepEqual(
    conformanceRows.filter(({ id }) => !proved.has(id)),
    [],
  );
});
