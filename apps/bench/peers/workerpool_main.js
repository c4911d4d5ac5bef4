// The worker of workerpool. In JavaScript: the type checkers must not look for the peer.

import workerpool from "workerpool";
import { TASKS } from "../tasks.ts";

workerpool.worker(TASKS);
