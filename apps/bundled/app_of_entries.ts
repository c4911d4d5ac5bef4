// The same app for bundlers without a plugin, whose entries are named by hand: the module of its tasks is named as it is built.

import { importTasks } from "@concurrent/futures";
import { leaveOutcome } from "./outcome.ts";

await leaveOutcome(importTasks<typeof import("./jobs.ts")>(new URL("./jobs.js", import.meta.url)));
