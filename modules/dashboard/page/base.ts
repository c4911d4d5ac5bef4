// The base: where the page is mounted, which every request is relative to.

/** Ends in a slash. */
export const BASE = new URL(".", location.href).href;
