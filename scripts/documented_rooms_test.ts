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

Deno.test("compareRooms() asks for modules, apps and the rooms of the workers, and no deeper", () => {
  const files = ["modules/workers/threads/a.ts", "modules/deno/b/c.ts", "apps/d/e/f.ts"];
  assert.deepEqual(compareRooms("", files), [
    "does not tell of modules/workers/threads",
    "does not tell of modules/workers",
    "does not tell of modules/deno",
    "does not tell of apps/d",
  ]);
});

Deno.test("compareRooms() lets a deeper room be told of, as long as it is there", () => {
  const page = `${PAGE}| [\`modules/core/time/b\`](../modules/core/time/b) | more |\n`;
  const files = ["modules/core/time/a.ts"];
  assert.deepEqual(compareRooms(page, [...files, "modules/core/time/b/c.ts"]), []);
  assert.equal(compareRooms(page, files).length, 1);
});
