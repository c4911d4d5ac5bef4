// Tests of OutcomeReader and HostLinks: what a call says through the ring is heard in its order, and answered there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallLink, type LinkEar, serveLinks } from "../call_links.ts";
import {
  type HostMemory,
  hostMemory,
  SHARED_BYTES,
  type WorkerMemory,
  workerMemory,
} from "../memory/shared_memory.ts";
import type { Channel } from "../seam/channel.ts";
import { copying } from "../seam/link_items.ts";
import { recordWord, takeWord } from "../seam/link_records.ts";
import type { HostMessage, LinkWord } from "../seam/messages.ts";
import type { Work } from "../work/work.ts";
import type { Ending } from "./ending.ts";
import { HostLinks, type LinkListener } from "./host_links.ts";
import { OutcomeReader } from "./outcome_reader.ts";
import { Replies } from "./replies.ts";
import { Window } from "./window.ts";

/** A host with one call that runs, whose worker the test is. */
function hostOf(to: string) {
  const words = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  const memory = hostMemory({ words }) as HostMemory;
  const worker = workerMemory({ words }) as WorkerMemory;
  const told: unknown[] = [];
  let link: CallLink | undefined;
  serveLinks(to, (opened): LinkEar => {
    link = opened;
    told.push("open");
    return {
      took: (values) => told.push(...values),
      ended: ({ by }) => told.push(by),
    };
  });
  const work = {
    terms: { name: "task", source: {}, profile: { learn() {} } },
    id: () => 0,
    isSettled: () => false,
    started() {},
    succeed: (_index: number, value: unknown) => told.push({ outcome: value }),
  } as unknown as Work;
  const window = new Window(memory.claims);
  worker.claims.begin(window.push(work, 0));
  const sent: HostMessage[] = [];
  const channel = { send: (message) => void sent.push(message), terminate() {} } as Channel;
  const attention = { heard: 0 };
  const identity = { id: 0, name: "one" };
  const listener = { heard: () => void attention.heard++, answering() {} };
  const replies = new Replies(memory, channel, listener);
  const links = new HostLinks(identity, replies.messages, window, copying, {} as LinkListener);
  const ending = { ended() {} } as unknown as Ending;
  const reader = new OutcomeReader(window, memory.outcomes, identity, ending, links, replies);
  return {
    worker,
    told,
    sent,
    attention,
    reader,
    /** The call says something through the ring, behind so many messages. */
    say(before: number, word: LinkWord): void {
      assert.equal(recordWord(worker.outcomes, 0, before, 0, word), true);
      worker.outcomes.publish();
    },
    /** A message of the call has come. */
    hear(word: LinkWord): void {
      reader.wordsReceived++;
      links.hear({ kind: "link", seq: 0, link: 0, word });
    },
    link: () => link as CallLink,
  };
}

test("what a call says through the ring comes before its outcome, and behind what it said by messages", () => {
  const { worker, told, reader, say, hear } = hostOf("order");
  say(0, { does: "open", to: "order" });
  say(0, { does: "items", items: [1, 2] });
  reader.read();
  say(1, { does: "items", items: [4] });
  worker.outcomes.putValue("done", 0);
  worker.outcomes.commit();
  worker.outcomes.publish();
  assert.equal(reader.read(), false);
  assert.equal(reader.waitsForChannel, true, "a message is on its way");
  assert.deepEqual(told, ["open", 1, 2]);
  hear({ does: "items", items: [3] });
  assert.equal(reader.read(), true);
  assert.deepEqual(told, ["open", 1, 2, 3, 4, "settled", { outcome: "done" }]);
});

test("a link that was opened through the ring is answered there, and one that was not by messages", () => {
  const { worker, sent, attention, reader, say, link } = hostOf("ring");
  say(0, { does: "open", to: "ring" });
  reader.read();
  link().grant(3);
  link().grant(4);
  assert.deepEqual(sent, [{ kind: "look" }], "it is rung once");
  assert.equal(attention.heard, 1);
  void link().send([{ large: true }]);
  assert.equal(sent.length, 2, "what is no small value is a message");
  link().grant(5);
  const heard = [];
  while (!worker.replies.isEmpty) {
    worker.replies.take();
    heard.push([worker.replies.takeNumber(), takeWord(worker.replies).word]);
  }
  assert.deepEqual(heard, [
    [0, { does: "credit", count: 3 }],
    [0, { does: "credit", count: 4 }],
    [1, { does: "credit", count: 5 }],
  ]);

  const other = hostOf("messages");
  other.hear({ does: "open", to: "messages" });
  other.link().grant(3);
  assert.deepEqual(other.sent, [{ kind: "link", link: 0, word: { does: "credit", count: 3 } }]);
});

test("a call that says more than the ring holds is not heard for ever", () => {
  const { worker, reader, say } = hostOf("flood");
  say(0, { does: "open", to: "flood" });
  reader.read();
  const { outcomes } = worker;
  const said: LinkWord = { does: "close" };
  // Without a look at the room there is.
  outcomes.hasRoom = () => true;
  for (let n = 0; n < 70_000; n++) recordWord(outcomes, 0, 0, 0, said);
  outcomes.publish();
  assert.throws(() => reader.read(), /65536 words at once/);
});
