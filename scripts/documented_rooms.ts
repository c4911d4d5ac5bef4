// Compares the rooms that docs/architecture.md tells of with the folders there are.

import { dirname } from "node:path";

/** A row of a table that begins with the link to a room. */
const ROW = /^\| \[`(modules\/core[^`]*)`\]\(\.\.\/\1\) \|/gm;

/**
 * Says of each room of the core that is told of and is none, or is one and is not told of.
 *
 * @param text The page.
 * @param files All source files, seen from the root of the repository.
 */
export function compareRooms(text: string, files: readonly string[]): string[] {
  const told = new Set([...text.matchAll(ROW)].map(([, room]) => room as string));
  const there = new Set(files.map(dirname).filter((folder) => folder.startsWith("modules/core")));
  return [
    ...[...there].filter((room) => !told.has(room)).map((room) => `does not tell of ${room}`),
    ...[...told]
      .filter((room) => !there.has(room))
      .map((room) => `tells of ${room}, which is no room`),
  ];
}
