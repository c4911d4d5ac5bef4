// The worker of naked_node_worker.ts.

import { workerData } from "node:worker_threads";
import type { LinkOptions } from "./naked.ts";
import { answerer } from "./naked_answer.ts";
import type { WebPort } from "./naked_node_worker.ts";

const { port, options } = workerData as { port: WebPort; options: LinkOptions };
const answer = answerer(options);
port.onmessage = ({ data }) => port.postMessage(...answer(data));
