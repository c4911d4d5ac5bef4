// The tools on Deno: deno run -A apps/tools/on_deno.ts count-log access.log
//
// The import of isWorker lets a build of it into one file be its own worker.

import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { isWorker } from "@concurrent/futures/deno/worker";
import { main } from "./main.ts";

if (!isWorker) void main(() => new ThreadPoolExecutor());
