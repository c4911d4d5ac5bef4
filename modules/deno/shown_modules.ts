// Chooses the modules that a worker is shown when it starts: it may load those whatever its permissions are.
//
// Each costs about ten milliseconds of its start, needed or not, for Deno loads what a main module names.

/** Addresses that differ only behind the path are of one file, as it is reloaded: so many of each, the latest. */
const LATEST_OF_FILE = 4;
/** And so many altogether, beside those that are wanted now. */
const MOST = 256;

/**
 * Chooses from what there is.
 *
 * @param wanted the modules of the tasks that wait: all of them.
 * @param named the modules that were named so far, the latest first: somebody may use them later.
 */
export function shownModules(wanted: Iterable<string>, named: Iterable<string>): Set<string> {
  const shown = new Set(wanted);
  const versions = new Map<string, number>();
  let left = MOST;
  for (const module of named) {
    if (left === 0) break;
    if (shown.has(module)) continue;
    const file = module.replace(/[?#].*$/s, "");
    const count = (versions.get(file) ?? 0) + 1;
    versions.set(file, count);
    if (count > LATEST_OF_FILE) continue;
    shown.add(module);
    left--;
  }
  return shown;
}
