// The main module of a process that was started by linkProcess (link_process.ts): on Deno and Node.

import { serveProcess } from "./serve_process.ts";

serveProcess();
