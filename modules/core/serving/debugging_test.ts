// Tests of what is frozen, and what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { freezeDeeply } from "./debugging.ts";

test("freezeDeeply() freezes records and lists within each other, and calls no getter", () => {
  const inner = { list: [1, { deep: 2 }] };
  const circle: Record<string, unknown> = { inner };
  circle.self = circle;
  Object.defineProperty(circle, "trap", {
    get: () => assert.fail("it was called"),
    enumerable: true,
  });
  freezeDeeply(circle);
  for (const one of [circle, inner, inner.list, inner.list[1]]) assert.ok(Object.isFrozen(one));
});

test("freezeDeeply() leaves alone what has a class, and bytes", () => {
  const bytes = new Uint8Array(2);
  const map = new Map();
  freezeDeeply({ bytes, map, date: new Date(), none: null, text: "a" });
  bytes[0] = 1;
  map.set(1, 2);
  assert.ok(!Object.isFrozen(bytes) && !Object.isFrozen(map));
});

test("freezeDeeply() goes as deep as a value does", () => {
  let deep: unknown[] = [];
  const innermost = deep;
  for (let n = 0; n < 50_000; n++) deep = [deep];
  freezeDeeply(deep);
  assert.ok(Object.isFrozen(innermost));
});
