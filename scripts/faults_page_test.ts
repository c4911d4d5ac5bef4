// The page about faults names every fault of the suite, and none that there is not.

import assert from "node:assert/strict";
import { faults } from "@concurrent/futures/testing";

/** What stands in the last cell of a row of a table: names of faults, in code quotes. */
function faultsNamed(page: string): Set<string> {
  const rows = page.split("\n").filter((line) => line.startsWith("|"));
  const cells = rows.map((row) => row.split("|").at(-2) ?? "");
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string)),
  );
}

Deno.test("docs/faults.md names each fault of the suite behind what it says", () => {
  const named = faultsNamed(Deno.readTextFileSync("docs/faults.md"));
  const ids = faults.map(({ id }) => id).filter((id) => id !== "chaos" && id !== "soak");
  assert.deepEqual([...named].toSorted(), ids.toSorted());
});
