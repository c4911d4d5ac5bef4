// Finds the circles among files that import each other, by Tarjan's algorithm of strongly connected components (1972).

/**
 * Finds the circles of a graph.
 *
 * @param graph Each file with those it imports; one that is not a key is left out.
 * @returns The files of each circle, sorted.
 */
export function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = [];
  const order = new Map<string, number>();
  /** The earliest file, by order of visit, that each is known to lead back to. */
  const lowest = new Map<string, number>();
  const open: string[] = [];
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;

  function visit(file: string): void {
    order.set(file, order.size);
    lowest.set(file, order.get(file) as number);
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (next === file || open.includes(next)) lower(file, lowest.get(next) as number);
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    const importsItself = graph.get(file)?.includes(file) === true;
    if (circle.length > 1 || importsItself) circles.push(circle.toSorted());
  }

  function lower(file: string, to: number): void {
    lowest.set(file, Math.min(lowest.get(file) as number, to));
  }
}
