// The tools on Bun: bun build --compile apps/tools/on_bun.ts --outfile tools
//
// The import of isWorker lets a build of it into one file be its own worker.

import { ThreadPoolExecutor } from "@concurrent/futures/bun";
import { isWorker } from "@concurrent/futures/bun/worker";
import { main } from "./main.ts";

if (!isWorker) void main(() => new ThreadPoolExecutor());
