// Tests of LinkRings: what is said through the ring and what is said by messages is heard in the order in which it was said.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type HostMemory,
  hostMemory,
  SHARED_BYTES,
  workerMemory,
} from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import { recordWord } from "../seam/link_records.ts";
import type { HostMessage, LinkWord, WorkerMessage } from "../seam/messages.ts";
import { type LinkEnds, LinkRings } from "./link_rings.ts";

/** A worker's end, a host that says words to it, and messages that are on their way. */
function bothEnds() {
  const words = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  const host = hostMemory({ words }) as HostMemory;
  const memory = workerMemory({ words });
  assert.ok(memory !== undefined);
  const sent: WorkerMessage[] = [];
  const port: Port = { send: (message) => void sent.push(message), listen() {}, exit() {} };
  const heard: number[] = [];
  const hear = (_link: number, word: LinkWord) => {
    if (word.does === "credit") heard.push(word.count);
  };
  const links = { sent: 0, received: 0, areOpen: true, hear } satisfies LinkEnds;
  const link = 0;
  const rings = new LinkRings(port, memory, links, () => {});
  const line: HostMessage[] = [];
  let said = 0;
  let messages = 0;
  return {
    host,
    sent,
    heard,
    line,
    links,
    rings,
    /** The host says the next number, by a message or through the ring. */
    say(byMessage: boolean): void {
      const word = { does: "credit", count: ++said } as const;
      if (byMessage) {
        line.push({ kind: "link", link, word });
        messages++;
        return;
      }
      assert.equal(recordWord(host.replies, 0, messages, link, word), true);
      host.replies.publish();
      if (host.listener.ring()) line.push({ kind: "look" });
    },
    /** The next message arrives, as server and call maker take it. */
    deliver(): void {
      const message = line.shift();
      if (message === undefined) return;
      rings.look();
      if (message.kind !== "link") return;
      links.received++;
      links.hear(link, message.word);
      rings.read();
    },
    /** Lets the call wait for what it has asked, and the host look meanwhile. */
    async ask(): Promise<void> {
      host.own.wake();
      let turns = 0;
      rings.attend(() => turns++ < 2);
      for (let turn = 0; turn < 20; turn++) await undefined;
      host.own.sleep();
    },
  };
}

test("whatever goes by a message and whatever through the ring is heard in order, and all of it", async () => {
  const deed = fc.constantFrom("message", "record", "deliver", "ask");
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 40 }), async (deeds) => {
      const ends = bothEnds();
      for (const does of deeds) {
        if (does === "deliver") ends.deliver();
        else if (does === "ask") await ends.ask();
        else ends.say(does === "message");
      }
      while (ends.line.length > 0) ends.deliver();
      const all = deeds.filter((does) => does === "message" || does === "record").length;
      assert.deepEqual(
        ends.heard,
        Array.from({ length: all }, (_, n) => n + 1),
      );
    }),
    { numRuns: 500 },
  );
});

test("a call that waits in place is not rung, and hears what comes meanwhile", async () => {
  const ends = bothEnds();
  ends.host.own.wake();
  ends.rings.attend(() => true);
  ends.say(false);
  assert.equal(ends.line.length, 0, "it looks by itself");
  for (let turn = 0; turn < 20; turn++) await undefined;
  assert.deepEqual(ends.heard, [1]);
  ends.say(false);
  assert.deepEqual(ends.line, [{ kind: "look" }], "it has given up");
});

test("where the host sleeps a call does not wait in place for it", () => {
  const ends = bothEnds();
  ends.rings.attend(() => true);
  ends.say(false);
  assert.deepEqual(ends.line, [{ kind: "look" }]);
});

test("a host that sleeps is told once that something was said, and one that is awake not at all", () => {
  const ends = bothEnds();
  assert.equal(ends.rings.say(0, { does: "credit", count: 1 }), true);
  assert.equal(ends.rings.say(0, { does: "credit", count: 2 }), true);
  assert.deepEqual(ends.sent, [{ kind: "look" }]);
  ends.host.own.wake();
  assert.equal(ends.rings.say(0, { does: "credit", count: 3 }), true);
  assert.equal(ends.sent.length, 1);
  assert.equal(ends.rings.say(0, { does: "items", items: [{}] }), false, "that goes by a message");
});
