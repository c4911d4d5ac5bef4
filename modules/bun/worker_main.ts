// The entry of a thread: the worker's side of the seam (../core/seam/channel.ts) on Bun.

import { serveThread } from "../workers/serve_worker.ts";
import type { ThreadStart } from "../workers/threads/link_thread.ts";

// The first message; all others come by the port it brings.
addEventListener("message", ({ data }) => serveThread(data as ThreadStart), {
  once: true,
});
