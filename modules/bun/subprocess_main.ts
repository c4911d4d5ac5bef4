// The entry of a subprocess on Bun.

import { serveSubprocess } from "./serve_subprocess.ts";

serveSubprocess();
