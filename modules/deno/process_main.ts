// The main module of a process that was started by spawnProcess (spawn_process.ts).

import { serveProcess } from "../workers/processes/serve_process.ts";
import { mapFile } from "./mapped_memory.ts";

serveProcess(mapFile);
