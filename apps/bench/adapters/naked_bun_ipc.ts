// A bare Bun subprocess, linked by IPC.

import type { Adapter } from "../contender.ts";
import { type Link, type LinkOptions, nakedAdapter } from "./naked.ts";

export function adapter(variant: string | undefined): Adapter {
  return nakedAdapter(start, variant);
}

function start(options: LinkOptions): Link {
  const child = Bun.spawn({
    cmd: [
      process.execPath,
      Bun.fileURLToPath(new URL("./naked_bun_ipc_main.ts", import.meta.url)),
      JSON.stringify(options),
    ],
    stdio: ["ignore", "inherit", "inherit"],
    serialization: "advanced",
    ipc: (message) => link.onMessage(message),
  });
  const link: Link = {
    post: (message) => void child.send(message),
    onMessage: () => {},
    end: () => {
      child.kill("SIGKILL");
      return child.exited;
    },
  };
  return link;
}
