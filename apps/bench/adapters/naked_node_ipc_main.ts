// The subprocess of naked_node_ipc.ts.

import process from "node:process";
import { answerer } from "./naked_answer.ts";

const answer = answerer(JSON.parse(process.argv[2] as string));
process.on("message", (message) => process.send?.(answer(message)[0]));
process.on("disconnect", () => process.exit());
