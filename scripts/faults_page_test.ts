// The page about faults names every fault of the suite, and none that there is not.

import assert from "node:assert/strict";
import { conformanceCases } from "@concurrent/futures/testing";
import { faults } from "../modules/proofs/faults/mod.ts";

/** What stands in the last cell of a row of a table: names of faults, or of cases, in code quotes. */
function faultsNamed(page: string): Set<string> {
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  const cells = rows.map((row) => row.split("|").at(-2) ?? "");
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)),
  );
}

Deno.test("docs/faults.md names each fault of the suite behind what it says", () => {
  const named = faultsNamed(Deno.readTextFileSync("docs/faults.md"));
  // What is no fault but a promise is proved by cases of the conformance suite: `cf-print-…` stands for several.
  for (const name of named) {
    if (!name.startsWith("cf-")) continue;
    named.delete(name);
    const known = conformanceCases.some(({ id }) => id.startsWith(name.replace("…", "")));
    assert.ok(known, `${name}: there is no such case`);
  }
  const ids = faults.map(({ id }) => id).filter((id) => id !== "chaos" && id !== "soak");
  assert.deepEqual([...named].toSorted(), ids.toSorted());
});
