// The main path through the page, with the server on Bun.

import { ON_BUN } from "../on_bun.ts";
import { testMainPath } from "./main_path.ts";

testMainPath(ON_BUN);
