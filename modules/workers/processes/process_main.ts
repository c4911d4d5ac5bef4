// The main module of a process that was started by linkProcess (link_process.ts), where files cannot be mapped: on Node.

import { serveProcess } from "./serve_process.ts";

serveProcess();
