// The worker of naked_node_worker.ts.

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { answerer } from "./naked_answer.ts";

const port = parentPort as MessagePort;
const answer = answerer(workerData);
port.on("message", (message) => port.postMessage(...answer(message)));
