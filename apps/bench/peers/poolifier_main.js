// The worker of poolifier. In JavaScript: the type checkers must not look for the peer.

import { ThreadWorker } from "poolifier";
import { TASKS } from "../tasks.ts";

export default new ThreadWorker(TASKS);
