// A bare worker of node:worker_threads, linked by a channel of its own.
//
// Neither `worker.on("message")` nor `port.on`: Deno walks through every message handed out that way, byte by byte in a
// buffer. With `onmessage` it is the transport alone.

import { MessageChannel, Worker } from "node:worker_threads";
import type { Adapter } from "../contender.ts";
import { type Link, type LinkOptions, nakedAdapter } from "./naked.ts";

/** A port as the web has it: Deno's and Bun's ports are, whatever the types of Node say. */
export interface WebPort {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: unknown, moved: ArrayBuffer[]): void;
  close(): void;
}

const NOTHING: ArrayBuffer[] = [];

export function adapter(variant: string | undefined): Adapter {
  return nakedAdapter(start, variant);
}

function start(options: LinkOptions): Link {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL("./naked_node_worker_main.ts", import.meta.url), {
    workerData: { port: port2, options },
    transferList: [port2],
  });
  const port = port1 as unknown as WebPort;
  port.onmessage = ({ data }) => link.onMessage(data);
  const link: Link = {
    post: options.moved
      ? (bytes) => port.postMessage(bytes, [(bytes as Uint8Array<ArrayBuffer>).buffer])
      : (message) => port.postMessage(message, NOTHING),
    onMessage: () => {},
    end: () => {
      port.close();
      return worker.terminate();
    },
  };
  return link;
}
