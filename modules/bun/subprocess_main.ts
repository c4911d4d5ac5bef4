// The entry of a subprocess: the worker's side of the seam (../core/channel.ts) on Bun.

import { rmSync } from "node:fs";
import { SHARED_BYTES } from "../core/channel.ts";
import type { HostMessage } from "../core/wire.ts";
import { assertMovable, takeAway } from "../workers/process_end.ts";
import { serveWorker } from "../workers/serve_worker.ts";

const send = process.send?.bind(process);
if (send === undefined)
  throw new TypeError("Cannot serve: this file is started by ProcessPoolExecutor only");
// The link is ours alone: a task cannot forge a message by it.
delete process.send;

serveWorker({
  ...mapMemory(process.argv.splice(2, 1)[0]),
  send(message, transfer = []) {
    assertMovable(transfer);
    send(message);
    takeAway(transfer);
  },
  listen: (onMessage) => process.on("message", (message: HostMessage) => onMessage(message)),
});

// The host is gone.
process.on("disconnect", () => process.exit(0));

function mapMemory(path: string | undefined): { shared?: Int32Array } {
  if (path === undefined) return {};
  const bytes = Bun.mmap(path, { shared: true });
  rmSync(path, { force: true });
  return {
    shared: new Int32Array(
      bytes.buffer,
      bytes.byteOffset,
      SHARED_BYTES / Int32Array.BYTES_PER_ELEMENT,
    ),
  };
}
