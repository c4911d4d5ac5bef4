// Tests of CallLink: two ends, joined by lines on which words may wait, against a reference that counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CallLink, type LinkEnd } from "./call_link.ts";
import { copying } from "./link_items.ts";
import type { LinkWord } from "./messages.ts";

/** One end, what is on its way to it, and what it was told. */
interface End {
  link: CallLink;
  readonly line: LinkWord[];
  readonly got: unknown[];
  readonly ends: LinkEnd[];
  /** What it took and has not granted again. */
  owed: number;
  sent: number;
}

function pair(credits: readonly [number, number], byReference = false): [End, End] {
  const ends = credits.map(
    (): End => ({
      link: undefined as never,
      line: [],
      got: [],
      ends: [],
      owed: 0,
      sent: 0,
    }),
  ) as [End, End];
  for (const [at, end] of ends.entries()) {
    const other = ends[1 - at] as End;
    const wire = {
      say: (word: LinkWord) => void other.line.push(byReference ? word : structuredClone(word)),
      code: byReference ? undefined : copying,
      isProcess: false,
      action: "Cannot send",
      direction: "from" as const,
    };
    const ear = {
      took: (items: readonly unknown[], errors: ReadonlyMap<number, unknown>, cost: number) => {
        end.got.push(...items.map((item, place) => errors.get(place) ?? item));
        end.owed += cost;
      },
      ended: (how: LinkEnd) => end.ends.push(how),
    };
    end.link = new CallLink(wire, () => ear, credits[at], credits[1 - at]);
  }
  return ends;
}

function deliver(end: End): void {
  const word = end.line.shift();
  if (word !== undefined) end.link.hear(word);
}

const at = fc.constantFrom(0 as const, 1 as const);
const deed = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      at,
      count: fc.integer({ min: 1, max: 5 }),
      heavy: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("deliver" as const), at }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("grant" as const), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), at }) },
);

test("a link keeps order, and never has more on its way than there is credit for", () => {
  const credits = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(credits, fc.array(deed, { maxLength: 60 }), (given, deeds) => {
      const ends = pair(given);
      for (const one of deeds) {
        const end = ends[one.at];
        const other = ends[(1 - one.at) as 0 | 1];
        if (one.do === "deliver") deliver(end);
        else if (one.do === "close") end.link.close();
        else if (one.do === "grant") {
          end.link.grant(end.owed);
          end.owed = 0;
        } else if (end.link.credit > 0) {
          const count = Math.min(one.count, end.link.credit);
          const items = Array.from({ length: count }, (_, place) => end.sent + place);
          const wasOpen = end.link.isOpen;
          end.link.send(items, count + one.heavy);
          if (wasOpen) end.sent += count;
        }
        // In order, none twice, none made up; and `hear` would throw for one without credit.
        for (const [place, item] of other.got.entries()) assert.equal(item, place);
        assert.ok(other.got.length <= end.sent);
      }
      // Everything that is on its way arrives, or its link has ended.
      for (let round = 0; round < 1000 && ends.some(({ line }) => line.length > 0); round++)
        for (const end of ends) deliver(end);
      for (const [place, end] of ends.entries()) {
        const other = ends[1 - place] as End;
        if (end.link.isOpen && other.link.isOpen) assert.equal(other.got.length, end.sent);
        assert.ok(end.ends.length <= 1);
        if (!end.link.isOpen) assert.equal(other.link.isOpen, false);
      }
    }),
    { numRuns: 2000 },
  );
});

test("send() throws without credit, and sends nothing", () => {
  const [one, other] = pair([2, 2]);
  assert.throws(() => one.link.send([1, 2, 3]), RangeError);
  one.link.send([1, 2]);
  assert.throws(() => one.link.send([3]), RangeError);
  deliver(other);
  assert.deepEqual(other.got, [1, 2]);
  other.link.grant(2);
  deliver(one);
  assert.equal(one.link.credit, 2);
});

test("send() lets an item pass that is heavier than all credit", () => {
  const [one, other] = pair([2, 2]);
  one.link.send(["heavy"], 10);
  assert.equal(one.link.credit, -8);
  deliver(other);
  other.link.grant(10);
  deliver(one);
  assert.equal(one.link.credit, 2);
});

test("hear() throws for items without credit, and for a cost below their number", () => {
  const [, other] = pair([2, 2]);
  assert.throws(() => other.link.hear({ does: "items", items: [1, 2, 3] }), RangeError);
  assert.throws(() => other.link.hear({ does: "items", items: [1, 2], cost: 1 }), RangeError);
  other.link.hear({ does: "items", items: [1, 2] });
  assert.throws(() => other.link.hear({ does: "items", items: [3] }), RangeError);
});

test("send() leaves what cannot cross as an error in its place", () => {
  const [one, other] = pair([9, 9]);
  one.link.send([
    1,
    () => {},
    {
      get bad() {
        throw new RangeError("getter");
      },
    },
    new Error("whole"),
  ]);
  deliver(other);
  assert.equal(other.got[0], 1);
  assert.match(String(other.got[1]), /DataCloneError: Cannot send: item is a function/);
  assert.match(String(other.got[2]), /RangeError: getter/);
  assert.ok(other.got[3] instanceof Error && other.got[3].message === "whole");
});

test("close() ends both ways, tells the other end alone, and carries an error", () => {
  const [one, other] = pair([9, 9]);
  other.link.send(["on its way"]);
  one.link.close({ error: new RangeError("why") });
  deliver(one);
  deliver(other);
  assert.deepEqual([one.got, one.ends], [[], []]);
  const [end] = other.ends;
  assert.ok(end?.by === "closed" && end.error?.error instanceof RangeError);
  other.link.send(["unheard"]);
  assert.equal(one.line.length, 0);
});

test("by reference values are the same objects", () => {
  const [one, other] = pair([9, 9], true);
  const item = { fn() {} };
  one.link.send([item]);
  deliver(other);
  assert.equal(other.got[0], item);
});
