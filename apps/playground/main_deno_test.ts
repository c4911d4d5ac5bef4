// Tests of the playground as Deno starts it, with the same permissions as the task.

import { ON_DENO } from "./on_deno.ts";
import { testStartedServer } from "./started_server.ts";

testStartedServer(ON_DENO);
