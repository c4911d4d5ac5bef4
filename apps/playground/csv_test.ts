// Tests of the rows of a CSV text: quotes, ends of lines, and what is no CSV.

import assert from "node:assert/strict";
import { test } from "node:test";
import { csvRowsOf } from "./csv.ts";

test("csvRowsOf() reads fields, quoted or not, whatever ends the lines", () => {
  const rows: [text: string, rows: string[][]][] = [
    ["", []],
    [
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\r\n\r\nc,\r\n",
      [
        ["a", "b"],
        ["c", ""],
      ],
    ],
    ['"a, ""b""\nc",d\n', [['a, "b"\nc', "d"]]],
    ["\uFEFFone\n,\n", [["one"], ["", ""]]],
  ];
  for (const [text, expected] of rows) assert.deepEqual([...csvRowsOf(text)], expected, text);
});

test("csvRowsOf() yields the rows before one that cannot be read", () => {
  const rows = csvRowsOf('a\n"never closed');
  assert.deepEqual(rows.next().value, ["a"]);
  assert.throws(() => rows.next(), { name: "SyntaxError", message: /quote of row 2/ });
  assert.throws(() => [...csvRowsOf("x".repeat(10_001))], /too long/);
});
