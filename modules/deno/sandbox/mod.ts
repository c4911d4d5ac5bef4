/**
 * A sandbox on Deno: runs code that nobody has read, each piece in a process of its own that may do nothing.
 *
 * @module
 */

import "../../workers/async_context.ts";
import { heedMark } from "../../workers/worker_mark.ts";

export { Sandbox, type SandboxOptions, type SandboxResult } from "./sandbox.ts";

heedMark();
