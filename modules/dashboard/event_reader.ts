// EventReader: reads the live stream message by message, for tests.

import assert from "node:assert/strict";
import type { Snapshot, Update } from "./contract.ts";

export type Message =
  | { id: string; event: "snapshot"; data: Snapshot }
  | { id: string; event: "update"; data: Update };

export class EventReader implements AsyncDisposable {
  readonly #reader: ReturnType<typeof readerOf>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    this.#reader = readerOf(response);
  }

  /** The next message, or undefined once the stream ended. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await this.#reader.read();
        if (done) return undefined;
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      if (block.startsWith(":")) continue;
      const lines = new Map(
        block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]),
      );
      const data = JSON.parse(lines.get("data") ?? "null");
      return { id: lines.get("id") ?? "", event: lines.get("event") ?? "", data } as Message;
    }
  }

  /** The next message, which must be a snapshot. */
  async snapshot(): Promise<Message & { event: "snapshot" }> {
    const message = await this.next();
    assert.ok(message?.event === "snapshot", "the message is a snapshot");
    return message;
  }

  /** Reads on until an update says so. */
  async update(found: (update: Update) => boolean): Promise<Message & { event: "update" }> {
    for (;;) {
      const message = await this.next();
      assert.ok(message, "the stream ended");
      if (message.event === "update" && found(message.data)) return message;
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#reader.cancel();
  }
}

/** A function, because the runtimes' types of readers differ and this one's follows. */
function readerOf(response: Response) {
  return (response.body as ReadableStream<Uint8Array>).getReader();
}
