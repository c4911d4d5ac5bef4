// The clock of what runs: whoever shows a duration that grows reads it, and is drawn again a few times a second.

import { signal } from "@preact/signals";

const STEP_MS = 250;

/** Milliseconds since 1970. */
export const clock = signal(Date.now());

setInterval(() => {
  // A page nobody sees need not count.
  if (!document.hidden) clock.value = Date.now();
}, STEP_MS);
