// That a client writes once in each turn of the event loop, and keeps nothing back.

import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Redis } from "ioredis";
import { gatherWrites } from "./gathered_writes.ts";

/** A connection that notes what is written to it, piece by piece. */
class Noting extends Duplex {
  readonly pieces: string[][] = [];

  override _read(): void {}

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.pieces.push([String(chunk)]);
    done();
  }

  override _writev(chunks: { chunk: unknown }[], done: () => void): void {
    this.pieces.push(chunks.map(({ chunk }) => String(chunk)));
    done();
  }
}

/** What of a client matters here. */
class FakeClient {
  stream: Noting | undefined = new Noting();

  sendCommand(word: string): string {
    this.stream?.write(word);
    return `answer to ${word}`;
  }
}

function gathering(): FakeClient {
  const client = new FakeClient();
  gatherWrites(client as unknown as Redis);
  return client;
}

test("what is said in one turn goes out in one piece, with what promises lead to", async () => {
  const client = gathering();
  const first = client.stream as Noting;
  assert.equal(client.sendCommand("a"), "answer to a");
  void Promise.resolve().then(() => client.sendCommand("b"));
  assert.deepEqual(first.pieces, []);
  await nextTurn();
  assert.deepEqual(first.pieces, [["a", "b"]]);
  client.sendCommand("c");
  await nextTurn();
  assert.deepEqual(first.pieces, [["a", "b"], ["c"]]);
});

test("a connection that ends in the turn has what was said before, and the next one what was said after", async () => {
  const client = gathering();
  const [first, second] = [client.stream as Noting, new Noting()];
  client.sendCommand("a");
  first.end();
  client.stream = second;
  client.sendCommand("b");
  await nextTurn();
  client.sendCommand("c");
  await nextTurn();
  assert.deepEqual([first.pieces, second.pieces], [[["a"]], [["b"], ["c"]]]);
});

test("a client that has no connection yet keeps what it is told by itself", () => {
  const client = gathering();
  client.stream = undefined;
  assert.equal(client.sendCommand("a"), "answer to a");
});
