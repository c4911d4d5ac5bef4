// A bare Web Worker.

import type { Adapter } from "../contender.ts";
import { type Link, type LinkOptions, nakedAdapter } from "./naked.ts";

export function adapter(variant: string | undefined): Adapter {
  return nakedAdapter(start, variant);
}

function start(options: LinkOptions): Link {
  const worker = new Worker(new URL("./naked_web_worker_main.ts", import.meta.url), {
    type: "module",
  });
  worker.postMessage(options);
  worker.onmessage = ({ data }) => link.onMessage(data);
  const link: Link = {
    post: options.moved
      ? (bytes) => worker.postMessage(bytes, [(bytes as Uint8Array<ArrayBuffer>).buffer])
      : (message) => worker.postMessage(message),
    onMessage: () => {},
    end: () => worker.terminate(),
  };
  return link;
}
