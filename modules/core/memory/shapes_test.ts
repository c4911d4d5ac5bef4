// Shapes: who looks one up leaves nothing behind, and what is rolled back was never told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ShapeReader, ShapeWriter } from "./shapes.ts";

test("numberOf() keeps nothing of the names it is asked for", () => {
  const writer = new ShapeWriter();
  assert.equal(writer.define(["id"]), 0);
  for (let n = 0; n < 20_000; n++) assert.equal(writer.numberOf([`table ${n}`]), -1);
  assert.equal(writer.define(["name"]), 1, "nothing was forgotten for want of room");
  assert.equal(writer.numberOf(["id"]), 0);
});

test("rollBack() forgets the shapes that were defined since the last commit, and no others", () => {
  const [writer, reader] = [new ShapeWriter(), new ShapeReader()];
  reader.define(writer.define(["kept"]), ["kept"]);
  writer.commit();
  writer.define(["lost"]);
  writer.rollBack();
  assert.deepEqual([writer.numberOf(["lost"]), writer.numberOf(["kept"])], [-1, 0]);
  assert.deepEqual(reader.define(writer.define(["next"]), ["next"]).names, ["next"]);
});
