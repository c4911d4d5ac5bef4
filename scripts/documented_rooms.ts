// Compares the rooms that docs/architecture.md tells of with the folders there are.

import { dirname } from "node:path";

/** A row of a table that begins with the link to a room. */
const ROW = /^\| \[`((?:modules|apps)\/[^`]*)`\]\(\.\.\/\1\) \|/gm;

/** What has to be told of: every module, every app, and the rooms of the core and of the workers. */
const ROOM = /^((modules|apps)\/[^/]+|modules\/(core|workers)\/[^/]+)$/;

/**
 * Says of each room that is told of and is none, or is one and is not told of.
 *
 * @param text The page.
 * @param files All source files, seen from the root of the repository.
 */
export function compareRooms(text: string, files: readonly string[]): string[] {
  const told = new Set([...text.matchAll(ROW)].map(([, room]) => room as string));
  const folders = new Set(files.flatMap(foldersOf));
  return [
    ...[...folders]
      .filter((folder) => ROOM.test(folder) && !told.has(folder))
      .map((room) => `does not tell of ${room}`),
    ...[...told]
      .filter((room) => !folders.has(room))
      .map((room) => `tells of ${room}, which is no room`),
  ];
}

/** The folders that a file lies in, the innermost first. */
function foldersOf(file: string): string[] {
  const folder = dirname(file);
  return folder === "." ? [] : [folder, ...foldersOf(folder)];
}
