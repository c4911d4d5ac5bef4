// The tasks: plain functions that a module exports. The program never loads them; its workers do.

/** How often each letter stands in a text. */
export function countLetters(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const letter of text.toLowerCase().matchAll(/\p{L}/gu))
    counts.set(letter[0], (counts.get(letter[0]) ?? 0) + 1);
  return counts;
}
