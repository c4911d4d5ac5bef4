// Kinds of hostile values: each a name, a maker, and what must come of it — known from the platform and the contract, not
// from the code that is put to the test.

import type { Kind } from "./kind.ts";
import { BYTES } from "./kinds/bytes.ts";
import { DISGUISED } from "./kinds/disguised.ts";
import { ERRORS } from "./kinds/errors.ts";
import { FIGHTING } from "./kinds/fighting.ts";
import { PLAIN } from "./kinds/plain.ts";
import { PLATFORM } from "./kinds/platform.ts";
import { UNCOPIED } from "./kinds/uncopied.ts";

/** All kinds, by name. Their order is part of what a seed means. */
export const KINDS: Readonly<Record<string, Kind>> = {
  ...PLAIN,
  ...BYTES,
  ...DISGUISED,
  ...FIGHTING,
  ...UNCOPIED,
  ...PLATFORM,
  ...ERRORS,
};
