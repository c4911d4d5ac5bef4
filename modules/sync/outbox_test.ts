// What one end of a link says: together what is said together, never more than it may, and nothing to one that does not listen.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallLink } from "../core/call_links.ts";
import { Outbox } from "./outbox.ts";
import { GRANT_EVERY } from "./wire.ts";

/** A link that notes what is said. */
function noted(credit: number) {
  const sent: unknown[][] = [];
  let granted = 0;
  const link = {
    wire: {},
    credit,
    send(values: unknown[]) {
      link.credit -= values.length;
      sent.push(values);
    },
    grant: (count: number) => {
      granted += count;
    },
  };
  return {
    link,
    sent,
    granted: () => granted,
    outbox: (turns: number, most?: number) => new Outbox(link as unknown as CallLink, turns, most),
  };
}

test("say() sends together what is said together, and flush() at once", async () => {
  const { outbox, sent } = noted(64);
  const box = outbox(1);
  box.say([1]);
  box.say([2], 3);
  assert.deepEqual(sent, []);
  await undefined;
  await undefined;
  assert.deepEqual(sent, [[[1], [2], 3]]);
  box.say([4]);
  box.flush();
  await undefined;
  await undefined;
  assert.deepEqual(sent, [[[1], [2], 3], [[4]]]);
});

test("say() waits for credit, in order", async () => {
  const { outbox, sent, link } = noted(2);
  const box = outbox(0);
  box.say([1], 2, 3);
  await undefined;
  assert.deepEqual(sent, [[[1], 2]]);
  assert.equal(box.isFree, false);
  link.credit = 5;
  box.credited();
  assert.deepEqual(sent, [[[1], 2], [3]]);
});

test("heard() gives no credit to one that asks and does not listen", async () => {
  const { outbox, link, granted } = noted(0);
  const box = outbox(0, 10);
  for (let n = 0; n < 11; n++) box.say([n]);
  box.heard(GRANT_EVERY);
  assert.equal(granted(), 0);
  link.credit = 5;
  box.credited();
  assert.equal(granted(), GRANT_EVERY);
});
