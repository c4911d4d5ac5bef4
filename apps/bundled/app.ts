// An app whose bundler has the plugin: the module of its tasks is named as in the source.

import { importTasks } from "@concurrent/futures";
import { leaveOutcome } from "./outcome.ts";

await leaveOutcome(importTasks<typeof import("./jobs.ts")>(new URL("./jobs.ts", import.meta.url)));
