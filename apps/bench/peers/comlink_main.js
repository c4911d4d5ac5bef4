// The worker of comlink. In JavaScript: the type checkers must not look for the peer.

import { expose } from "comlink";
import { TASKS } from "../tasks.ts";

expose(TASKS);
