// Tests of the playground as Bun starts it.

import { ON_BUN } from "./on_bun.ts";
import { testStartedServer } from "./started_server.ts";

testStartedServer(ON_BUN);
