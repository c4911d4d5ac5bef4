// Tests of the comparison of rooms.

import assert from "node:assert/strict";
import { compareRooms } from "./documented_rooms.ts";

const PAGE = `
| room | what happens there |
|---|---|
| [\`modules/core\`](../modules/core) | the face |
| [\`modules/core/time\`](../modules/core/time) | clocks |
`;

Deno.test("compareRooms() is silent where page and folders agree", () => {
  assert.deepEqual(
    compareRooms(PAGE, ["mod.ts", "modules/core/a.ts", "modules/core/time/b.ts"]),
    [],
  );
});

Deno.test("compareRooms() tells of a room that the page leaves out, and of one that is gone", () => {
  assert.deepEqual(compareRooms(PAGE, ["modules/core/a.ts", "modules/core/work/b.ts"]), [
    "does not tell of modules/core/work",
    "tells of modules/core/time, which is no room",
  ]);
});
