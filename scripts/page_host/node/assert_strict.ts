// node:assert of a page: npm's copy of it.

import assert from "assert";

export default assert.strict;
