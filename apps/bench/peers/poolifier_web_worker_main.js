// The worker of poolifier-web-worker. In JavaScript: the type checkers must not look for the peer.

import { ThreadWorker } from "poolifier-web-worker";
import { TASKS } from "../tasks.ts";

export default new ThreadWorker(TASKS);
