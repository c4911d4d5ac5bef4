// kindColour: the colour of a job kind, the same wherever it is drawn, in light and dark.

import { kinds } from "./catalogue.ts";

/** Told apart also by those who see few colours, as far as ten can be; red and green are left to the states. */
const COLOURS = [
  "#5470e0",
  "#e0982a",
  "#2aa39a",
  "#a368dd",
  "#d9699a",
  "#3d9fd6",
  "#8f9a3b",
  "#b07a56",
  "#7d89a0",
  "#5fae6b",
];

export function kindColour(kind: string): string {
  const at = kinds.peek().findIndex(({ name }) => name === kind);
  return COLOURS[(at < 0 ? hash(kind) : at) % COLOURS.length] as string;
}

/** A kind the catalogue does not have, such as a mounted executor's task, keeps its colour too. */
function hash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) >>> 0;
  return sum;
}
