// The main path through the page, with the server on Deno.

import { ON_DENO } from "../on_deno.ts";
import { testMainPath } from "./main_path.ts";

testMainPath(ON_DENO);
