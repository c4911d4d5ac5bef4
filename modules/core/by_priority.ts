// Lists sorted by priority, highest first: one entry for each priority that something waits with.

/**
 * Where the entry of a priority stands, or belongs if there is none. Programs may well have as many priorities as calls: a
 * deadline makes one for each.
 */
export function placeOf(list: readonly { readonly priority: number }[], priority: number): number {
  let [at, end] = [0, list.length];
  while (at < end) {
    const middle = (at + end) >> 1;
    if ((list[middle] as { readonly priority: number }).priority > priority) at = middle + 1;
    else end = middle;
  }
  return at;
}
