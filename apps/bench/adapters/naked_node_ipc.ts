// A bare subprocess of this runtime, linked by the IPC of node:child_process.

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Adapter } from "../contender.ts";
import { type Link, type LinkOptions, nakedAdapter } from "./naked.ts";

export function adapter(variant: string | undefined): Adapter {
  return nakedAdapter(start, variant);
}

function start(options: LinkOptions): Link {
  const script = fileURLToPath(new URL("./naked_node_ipc_main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["run", "--quiet", "--allow-read", script, JSON.stringify(options)],
    { stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" },
  );
  child.on("message", (message) => link.onMessage(message));
  const link: Link = {
    post: (message) => void child.send(message as number),
    onMessage: () => {},
    end: () => {
      child.kill("SIGKILL");
      return new Promise((resolve) => child.once("exit", resolve));
    },
  };
  return link;
}
