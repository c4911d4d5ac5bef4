// Tests of how questions and replies are written: nobody's `toJSON` is asked, and what JSON has not is sent as it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answer, type Question, type Reply, read, written } from "./wire.ts";

const SAID: readonly (Question | Reply)[] = [
  [1, "desk", ["acquire"], 20],
  [1, 'd"e\u2028sk', ["wait", "lock", 7], 0.5],
  [3],
  [4, Answer.done, { token: 9, abandoned: false }],
  [5, Answer.done, [true, null, "x"]],
];

test("read() gives what written() was given", () => {
  for (const said of SAID) {
    assert.equal(typeof written(said), "string");
    assert.deepEqual(read(written(said)), said);
  }
  assert.equal(written([2, "desk", ["wait"], undefined]), '[2,"desk",["wait"]]');
});

test("written() leaves as it is what JSON has not", () => {
  for (const value of [1n, Number.NaN, -0, new Map(), { of: undefined }, [undefined, 1]]) {
    const said: Reply = [1, Answer.done, value];
    assert.equal(written(said), said);
  }
});

test("written() asks nobody how lists and records are to be written", () => {
  const spoilt = [Object.prototype, Array.prototype, String.prototype, Number.prototype];
  for (const prototype of spoilt)
    Object.defineProperty(prototype, "toJSON", { value: () => "spoilt", configurable: true });
  try {
    for (const said of SAID) assert.deepEqual(read(written(said)), said);
  } finally {
    for (const prototype of spoilt) Reflect.deleteProperty(prototype, "toJSON");
  }
});
