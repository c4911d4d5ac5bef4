// kindColour: the colour of a job kind, the same wherever it is drawn, in light and dark.

import { kinds } from "./catalogue.ts";

/**
 * Told apart by eyes of every kind: as far from each other as eight can be that are seen on light and on dark, to those
 * who see no red, no green or no blue, too. Red and green are left to the states.
 */
export const KIND_COLOURS = [
  "#23cace",
  "#815100",
  "#007cb1",
  "#9c8cff",
  "#dfb110",
  "#d90077",
  "#b8800c",
  "#8b01ff",
] as const;

/** What has no colour of its own: no colour is used twice. */
const OTHER = "#84909f";

/** Kinds that the catalogue does not have, such as a mounted executor's tasks, in the order in which they were seen. */
const seen: string[] = [];

export function kindColour(kind: string): string {
  const known = kinds.peek();
  const at = known.findIndex(({ name }) => name === kind);
  return KIND_COLOURS[at < 0 ? known.length + placeOf(kind) : at] ?? OTHER;
}

function placeOf(kind: string): number {
  const at = seen.indexOf(kind);
  // Those beyond the last colour need not be remembered.
  return at < 0 && seen.length < KIND_COLOURS.length
    ? seen.push(kind) - 1
    : at < 0
      ? seen.length
      : at;
}
