// The tools on Node: esbuild apps/tools/on_node.ts --bundle --platform=node --format=cjs '--define:import.meta.url="file:///tools"' --outfile=tools.cjs
//
// The import of isWorker lets a build of it into one file be its own worker.

import { ThreadPoolExecutor } from "@concurrent/futures/node";
import { isWorker } from "@concurrent/futures/node/worker";
import { main } from "./main.ts";

if (!isWorker) void main(() => new ThreadPoolExecutor());
