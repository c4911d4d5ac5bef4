// Tags before lines, and lines out of pieces.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { LineCutter, tagged } from "./tagged.ts";

test("tagged() begins each line with the tag, of texts and of bytes", () => {
  assert.equal(tagged("a\n\nb", "$&"), "$&\ta\n$&\t\n$&\tb");
  assert.equal(tagged("a\n", "t"), "t\ta\n");
  assert.equal(
    Buffer.from(tagged(Buffer.from("a\n\nb"), "t") as Uint8Array).toString(),
    "t\ta\nt\t\nt\tb",
  );
});

test("LineCutter gives whole lines, and the rest with a line end", () => {
  const cutter = new LineCutter();
  const add = (text: string) => Buffer.from(cutter.add(text)).toString();
  assert.deepEqual(["a", "b\nc\nd", "e"].map(add), ["", "ab\nc\n", ""]);
  assert.equal(Buffer.from(cutter.rest()).toString(), "de\n");
  assert.equal(cutter.rest().length, 0);
});
