// The live view, drawn wide and narrow.

import assert from "node:assert/strict";
import { test } from "node:test";
import { count, drawFrame, duration, type Status } from "./frame.ts";
import { fit, textWidth } from "./text_width.ts";

const STATUS: Status = {
  done: 617,
  failed: 3,
  skipped: 0,
  total: 1000,
  ms: 12_000,
  rate: 41.3,
  running: [
    { label: "photos/\x1b[31ma very long name of a file, 日本語の名前.jpg", ms: 12_300, slot: 1 },
  ],
  note: undefined,
};

test("drawFrame() shows share, counts, rate, time left and the longest, on a wide terminal", () => {
  const [head, longest] = drawFrame(STATUS, {
    columns: 120,
    rows: 24,
    color: false,
    verbose: false,
  });
  assert.match(
    head as string,
    /^█+░+ {2}62% {2}620\/1 000 {2}3 failed {2}1 running {2}41\/s {2}9\.2s left$/,
  );
  assert.match(longest as string, /^longest 12s: photos\/ \[31ma very long/);
});

test("drawFrame() is never wider than the terminal, and leaves out what matters least", () => {
  for (let columns = 1; columns <= 140; columns++) {
    for (const verbose of [false, true]) {
      for (const line of drawFrame(STATUS, { columns, rows: 24, color: false, verbose }))
        assert.ok(textWidth(line) < Math.max(2, columns), `${columns}: ${line}`);
    }
  }
  assert.match(
    drawFrame(STATUS, { columns: 20, rows: 5, color: false, verbose: false })[0] as string,
    /^620\/1 000/,
  );
});

test("drawFrame() counts what failed beside what is done where there is no total", () => {
  const status = { ...STATUS, done: 3, failed: 2, skipped: 0, total: undefined };
  const [head] = drawFrame(status, { columns: 80, rows: 24, color: false, verbose: false });
  assert.match(head as string, /^3 done {2}2 failed {2}1 running/);
});

test("drawFrame() colors nothing if it must not", () => {
  for (const line of drawFrame(STATUS, { columns: 80, rows: 24, color: false, verbose: true }))
    assert.equal(line.includes("\x1b"), false);
});

test("fit() counts wide letters twice and cuts no letter apart", () => {
  assert.equal(fit("日本語", 5), "日本…");
  assert.equal(textWidth("é日"), 3);
  assert.equal(fit("abc", 3), "abc");
});

test("duration() and count() are for people", () => {
  assert.deepEqual([950, 9_900, 12_300, 185_000, 7_800_000].map(duration), [
    "950ms",
    "9.9s",
    "12s",
    "3m05s",
    "2h10m",
  ]);
  assert.equal(count(1234567), "1 234 567");
});
