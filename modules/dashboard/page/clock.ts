// The clock of what runs: whoever shows a duration that grows reads it, and is drawn again a few times a second.

import { signal } from "@preact/signals";
import { shownAt } from "./connection.ts";

const STEP_MS = 250;

/** Milliseconds since 1970. It stands still while the server is not heard. */
export const clock = signal(shownAt());

setInterval(() => {
  // A page nobody sees need not count.
  if (!document.hidden) clock.value = shownAt();
}, STEP_MS);
