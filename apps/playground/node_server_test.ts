// Tests of the server of node:http: an answer to somebody who reads slowly waits, and leaves nothing behind for each time it does.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { listenByNode } from "./node_server.ts";

/** More often than the eleven times from which on an emitter of Node complains. */
const PIECES = 40;
/** More than connections keep on their way. */
const BYTES = 2 ** 21;

test("an answer waits for a slow reader again and again, and one listener is enough for that", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on("warning", warn);
  const server = await listenByNode({
    hostname: "127.0.0.1",
    port: 0,
    fetch() {
      let made = 0;
      const body = new ReadableStream({
        pull(controller) {
          if (made++ < PIECES) controller.enqueue(new Uint8Array(BYTES));
          else controller.close();
        },
      });
      return Promise.resolve(new Response(body));
    },
  });
  try {
    const socket = connect(server.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    let read = 0;
    socket.on("data", (bytes: Uint8Array) => {
      read += bytes.length;
    });
    await once(socket, "close");
    assert.ok(read > PIECES * BYTES, `${read} bytes`);
    assert.deepEqual(warnings.map(String), []);
  } finally {
    process.off("warning", warn);
    await server.stop();
  }
});
