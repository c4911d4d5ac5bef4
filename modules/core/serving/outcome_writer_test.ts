// OutcomeWriter: what one outcome does to the others on their way.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerMessage } from "../seam/messages.ts";
import { move } from "../task_context.ts";
import { OutcomeWriter } from "./outcome_writer.ts";

type Settled = WorkerMessage & { kind: "settled" };

/** A platform that moves what is listed, and then finds that it cannot send what is poison. */
function movingFirst(): { sent: Settled[]; writer: OutcomeWriter } {
  const sent: Settled[] = [];
  const send = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => {
    const copy = structuredClone(message, { transfer }) as Settled;
    if (copy.values.flat().includes("poison")) throw new DOMException("poison", "DataCloneError");
    sent.push(copy);
  };
  const port = { send, listen() {}, exit() {} };
  return { sent, writer: new OutcomeWriter(port, false, () => "give") };
}

test("a result that is moved arrives, whatever is refused beside it", () => {
  const { sent, writer } = movingFirst();
  writer.resume();
  const bytes = () => new Uint8Array(200_000).fill(7);
  const [first, last] = [bytes(), bytes()];
  writer.succeed(0, move(first, [first.buffer]), false);
  writer.succeed(1, "poison", false);
  writer.succeed(2, move(last, [last.buffer]), false);
  writer.flush();
  assert.deepEqual(
    sent.map(({ first: seq, values, errors }) => [seq, values.length, errors?.length ?? 0]),
    [
      [0, 1, 0],
      [1, 1, 1],
      [2, 1, 0],
    ],
  );
  for (const at of [0, 2]) assert.deepEqual(sent[at]?.values, [bytes()]);
  assert.deepEqual([first.length, last.length], [0, 0], "they are moved");
});

test("a result that is moved and refused is told why, and not that its memory is gone", () => {
  const { sent, writer } = movingFirst();
  writer.resume();
  const bytes = new Uint8Array(200_000);
  writer.succeed(0, move(["poison", bytes], [bytes.buffer]), false);
  writer.flush();
  assert.equal(sent.length, 1);
  assert.match(JSON.stringify(sent[0]?.errors), /poison/);
});
