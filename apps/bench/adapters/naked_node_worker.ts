// A bare worker of node:worker_threads.

import { Worker } from "node:worker_threads";
import type { Adapter } from "../contender.ts";
import { type Link, type LinkOptions, nakedAdapter } from "./naked.ts";

export function adapter(variant: string | undefined): Adapter {
  return nakedAdapter(start, variant);
}

function start(options: LinkOptions): Link {
  const worker = new Worker(new URL("./naked_node_worker_main.ts", import.meta.url), {
    workerData: options,
  });
  worker.on("message", (message) => link.onMessage(message));
  const link: Link = {
    post: options.moved
      ? (bytes) => worker.postMessage(bytes, [(bytes as Uint8Array<ArrayBuffer>).buffer])
      : (message) => worker.postMessage(message),
    onMessage: () => {},
    end: () => worker.terminate(),
  };
  return link;
}
